import * as core from '@actions/core'
import { messageOf } from '../message-of.ts'
import { headline } from '../report/headline.ts'
import type { Outcome, ReportContext } from '../report/outcome.ts'
import { jobSummary } from '../report/summary.ts'
import { failsTheStep } from '../verdict.ts'
import { oneLine, stepLog } from './log.ts'
import { toOutputs } from './outputs.ts'
import { saveFinished } from './state.ts'

/** More annotations than a person reads help nobody; GitHub shows ten of each kind. */
const maxAnnotations = 3

/**
 * Tells the runner how the step ended: outputs, summary, annotations, and whether it failed.
 *
 * @param outcomes at least one
 * @param context null when so little is known that there is nothing to put into a summary
 */
export async function publish(outcomes: readonly Outcome[], context: ReportContext | null): Promise<void> {
  for (const outcome of outcomes) stepLog.info(`${headline(outcome)}. ${outcome.reason}`)
  for (const [name, value] of Object.entries(toOutputs(outcomes))) core.setOutput(name, value)
  if (context !== null) await writeSummary(jobSummary(outcomes, context))

  const failed = outcomes.filter(({ verdict }) => failsTheStep(verdict))
  for (const { reason } of failed.slice(0, maxAnnotations)) core.setFailed(oneLine(reason))
  if (outcomes.every(({ verdict }) => verdict === 'skipped')) {
    for (const { reason } of outcomes.slice(0, maxAnnotations)) stepLog.notice(`Skipped. ${reason}`)
  }
  saveFinished()
}

/** A summary that cannot be written (an old GitHub Enterprise Server has none) is no reason to fail. */
async function writeSummary(markdown: string): Promise<void> {
  try {
    await core.summary.addRaw(markdown).write()
  } catch (error) {
    stepLog.debug(`No job summary: ${messageOf(error)}`)
  }
}
