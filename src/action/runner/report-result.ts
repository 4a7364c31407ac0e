import * as core from '@actions/core'
import { messageOf } from '../../domain/error-message.ts'
import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { failsTheStep } from '../../domain/verdict.ts'
import { headline } from '../../report/headline.ts'
import { jobSummary } from '../../report/summary/summary.ts'
import { toOutputs } from './outputs.ts'
import { saveFinished } from './state.ts'
import { failStep, stepLog } from './step-log.ts'

/** More annotations than a person reads help nobody; GitHub shows ten of each kind. */
const maxAnnotations = 3

/**
 * Tells the runner how the step ended: annotations, outputs, summary, and whether it failed. Never throws: what cannot
 * be told in one way fails the step with a sentence that has it, and the other ways are tried all the same.
 *
 * @param outcomes at least one
 * @param context null when so little is known that there is nothing to put into a summary
 */
export async function publish(outcomes: readonly Outcome[], context: ReportContext | null): Promise<void> {
  for (const outcome of outcomes) stepLog.info(told(outcome))
  annotate(outcomes)
  const failures = [
    ...(await failureOf('outputs', () => writeOutputs(outcomes))),
    ...(await failureOf('summary', () => writeSummary(outcomes, context))),
    ...(await failureOf('state', saveFinished)),
  ]
  if (failures.length === 0) return
  const became = outcomes.map(
    (outcome) => `${told(outcome)}${outcome.run === null ? '' : ` ${outcome.run.url}`}`,
  )
  failStep(
    `What came of this step could not be handed on (${failures.join('; ')}). It was: ${became.join(' ')}`,
  )
}

function told(outcome: Outcome): string {
  return `${headline(outcome)}. ${outcome.reason}`
}

function annotate(outcomes: readonly Outcome[]): void {
  const failed = outcomes.filter(({ verdict }) => failsTheStep(verdict))
  for (const { reason } of failed.slice(0, maxAnnotations)) failStep(reason)
  if (outcomes.every(({ verdict }) => verdict === 'skipped')) {
    for (const { reason } of outcomes.slice(0, maxAnnotations)) stepLog.notice(`Skipped. ${reason}`)
  }
}

/** What went wrong with a part of the work, as a list of none or one. */
async function failureOf(what: string, work: () => void | Promise<void>): Promise<string[]> {
  try {
    await work()
    return []
  } catch (error) {
    return [`${what}: ${messageOf(error)}`]
  }
}

function writeOutputs(outcomes: readonly Outcome[]): void {
  for (const [name, value] of Object.entries(toOutputs(outcomes))) core.setOutput(name, value)
}

/** A summary that cannot be written (an old GitHub Enterprise Server has none) is no reason to fail. */
async function writeSummary(outcomes: readonly Outcome[], context: ReportContext | null): Promise<void> {
  if (context === null) return
  const markdown = jobSummary(outcomes, context)
  try {
    await core.summary.addRaw(markdown).write()
  } catch (error) {
    stepLog.debug(`No job summary: ${messageOf(error)}`)
  }
}
