import * as core from '@actions/core'
import { messageOf } from '../../domain/error-message.ts'
import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { failsTheStep } from '../../domain/verdict.ts'
import { maskPrivate, namedIn, type Visibility } from '../../domain/visibility.ts'
import { headline } from '../../report/headline.ts'
import { withWorkflowModel } from '../../report/publication/readers.ts'
import { jobSummary } from '../../report/summary/summary.ts'
import { cannotWrite } from './command-files/command-files.ts'
import { toOutputs } from './command-files/outputs.ts'
import { saveFinished } from './command-files/state.ts'
import { failStep, stepLog } from './step-log.ts'

/** GitHub shows ten annotations of each kind; the first few say enough. */
const maxAnnotations = 3

/**
 * Reports the result of the step to the runner: annotations, outputs, summary, state and exit code. It never throws. When
 * one of them cannot be written, it writes the others and fails the step with a sentence that has the result.
 *
 * @param outcomes at least one
 * @param context null when too little is known for a summary
 */
export async function reportResult(
  outcomes: readonly Outcome[],
  context: ReportContext | null,
): Promise<void> {
  const place = context?.repositoryVisibility ?? 'unknown'
  const shown = outcomes.map((outcome) => readableIn(place, outcome))
  for (const outcome of shown) stepLog.info(sentenceOf(outcome))
  annotate(shown)
  const failures = [
    ...(await failureOf('outputs', () => writeOutputs(outcomes))),
    ...(await failureOf('summary', () => writeSummary(outcomes, context))),
    ...(await failureOf('state', saveFinished)),
  ]
  if (failures.length === 0) return
  const results = shown.map(
    (outcome) => `${sentenceOf(outcome)}${outcome.run === null ? '' : ` ${outcome.run.url}`}`,
  )
  failStep(
    `The result of this step could not be written (${failures.join('; ')}). It was: ${results.join(' ')}`,
  )
}

/** An outcome whose publication says nothing that the log's readers must not know. */
function readableIn(place: Visibility, given: Outcome): Outcome {
  const outcome = withWorkflowModel(given, { place })
  const { publication } = outcome
  if (publication === null) return outcome
  const reason = maskPrivate(publication.reason, { place, things: namedIn(given) })
  return { ...outcome, publication: { ...publication, reason } }
}

function sentenceOf(outcome: Outcome): string {
  const { reason, publication } = outcome
  const why = publication === null || reason.includes(publication.reason) ? '' : ` ${publication.reason}`
  return `${headline(outcome)}. ${reason}${why}`
}

function annotate(outcomes: readonly Outcome[]): void {
  const failed = outcomes.filter(({ verdict }) => failsTheStep(verdict))
  for (const { reason } of failed.slice(0, maxAnnotations)) failStep(reason)
  // A model that is held back fails nothing, and would be seen in the summary only.
  const held = outcomes.flatMap(({ publication }) =>
    publication?.end === 'held' ? [publication.reason] : [],
  )
  for (const reason of held.slice(0, maxAnnotations)) stepLog.notice(`Not published. ${reason}`)
  // What was skipped because of an earlier failure needs a person: a calm notice, or another recipe's success, would
  // hide it.
  const skipped = outcomes.filter(({ verdict }) => verdict === 'skipped')
  for (const { reason } of skipped.filter(({ isWarning }) => isWarning).slice(0, maxAnnotations)) {
    stepLog.warning(reason)
  }
  if (skipped.length < outcomes.length) return
  for (const { reason } of skipped.filter(({ isWarning }) => !isWarning).slice(0, maxAnnotations)) {
    stepLog.notice(`Skipped. ${reason}`)
  }
}

/** Runs one part of the report. Returns its failure, as a list of none or one. */
async function failureOf(part: string, work: () => void | Promise<void>): Promise<string[]> {
  try {
    await work()
    return []
  } catch (error) {
    return [`${part}: ${messageOf(error)}`]
  }
}

function writeOutputs(outcomes: readonly Outcome[]): void {
  const outputs = Object.entries(toOutputs(outcomes))
  try {
    for (const [name, value] of outputs) core.setOutput(name, value)
  } catch (error) {
    throw cannotWrite('GITHUB_OUTPUT', error)
  }
}

/**
 * Writes the summary of a step that was ended before it could.
 *
 * @param outcomes at least one
 */
export async function reportInterrupted(outcomes: readonly Outcome[], context: ReportContext): Promise<void> {
  await writeSummary(outcomes, context)
}

/**
 * A run without a summary has its result all the same: a failure to write it is a warning. Old versions of GitHub
 * Enterprise Server have no summaries, and no variable for them.
 */
async function writeSummary(outcomes: readonly Outcome[], context: ReportContext | null): Promise<void> {
  if (context === null) return
  const markdown = jobSummary(outcomes, context)
  try {
    await core.summary.addRaw(markdown).write()
  } catch (error) {
    if (process.env.GITHUB_STEP_SUMMARY) {
      stepLog.warning(`There is no summary: ${messageOf(cannotWrite('GITHUB_STEP_SUMMARY', error))}.`)
    } else {
      stepLog.debug(`No job summary: ${messageOf(error)}`)
    }
  }
}
