import { formatCount, formatUsd } from '../domain/format.ts'
import type { Outcome, PastRun } from '../domain/outcome.ts'
import { adviceFor } from './facts.ts'
import { needsReview } from './headline.ts'
import { plain } from './markdown/markdown.ts'

const nextCommit = 'the next commit that changes relevant files is trained'
const anotherRecipe =
  'So is this data after a change of the recipe (trainer, image, command, parameters, hardware, timeout), at most ' +
  'three times and within `max-cost`.'

/** What a training that did not succeed leads to, in the order in which its reader asks. */
interface Consequences {
  /** What happens when no person does anything. */
  readonly byItself: string | null
  /** What a person can do. */
  readonly toDo: string | null
}

/**
 * Says what an outcome that is no trained model cost, where its run does not say it; what happens next by itself; and
 * what a person can do.
 *
 * @returns Markdown parts; none for a success
 */
export function nextParts(outcome: Outcome): string[] {
  const { byItself, toDo } = consequences(outcome)
  return [
    costPart(outcome),
    byItself === null ? '' : `**By itself:** ${byItself}`,
    toDo === null ? '' : `**What to do:** ${toDo}`,
  ].filter((part) => part !== '')
}

/** The rules are in docs/ledger.md, "What comes back by itself, and what you do". */
function consequences(outcome: Outcome): Consequences {
  switch (outcome.verdict) {
    case 'succeeded':
      return { byItself: null, toDo: null }
    case 'skipped':
      return afterSkip(outcome)
    case 'refused':
      return {
        byItself: 'nothing is trained until this is fixed. The first check after the fix goes on from here.',
        toDo: 'fix what is named above, then Run workflow, or wait for the next check.',
      }
    case 'planned':
      return { byItself: 'nothing.', toDo: 'run it again without `dry-run` to start the training.' }
    case 'started':
      return needsReview(outcome)
        ? { byItself: null, toDo: null }
        : {
            byItself: 'the training goes on without this workflow run. Each check asks how it stands.',
            toDo: null,
          }
    default:
      return afterFailure(outcome)
  }
}

function afterSkip({ isWarning, history, revision, recipe }: Outcome): Consequences {
  if (isWarning) return { byItself: comesBack(sinceSuccess(history)[0]), toDo: null }
  const isTrained = recipe !== null && revision !== null && history[0]?.verdict === 'succeeded'
  return {
    byItself: `${nextCommit}.`,
    toDo: isTrained ? 'nothing. Run workflow with `force: true` trains this data anyway.' : null,
  }
}

function comesBack(last: PastRun | undefined): string {
  switch (last?.verdict) {
    case 'failed':
      return `${nextCommit}. ${anotherRecipe}`
    case 'started':
    case null:
      return 'every check asks the provider again. Nothing is started beside a training that may be running.'
    case undefined:
      return `${nextCommit}.`
    default:
      return `${nextCommit}. This data is not.`
  }
}

/** Of a training that did not succeed. Without an end, the reason says it all. */
function afterFailure(outcome: Outcome): Consequences {
  const advice = adviceFor(outcome)
  switch (outcome.end?.cause) {
    case 'training':
    case 'limit':
      return {
        byItself: `${nextCommit}. ${anotherRecipe}`,
        toDo: `${advice === null ? '' : `${advice} `}**Fixed it?** Run workflow.`,
      }
    case 'infrastructure':
      return {
        byItself: 'the next check tries again, at most three times and within `max-cost`.',
        toDo: advice,
      }
    case 'workflow':
    case 'person':
      return { byItself: `${nextCommit}. This data is not.`, toDo: 'Run workflow trains this data.' }
    default:
      return { byItself: null, toDo: advice }
  }
}

function costPart({ verdict, isWarning, history, plan }: Outcome): string {
  switch (verdict) {
    case 'skipped':
      if (!isWarning) return '**Cost:** nothing.'
      return costSoFar(
        sinceSuccess(history),
        history.some((run) => run.verdict === 'succeeded'),
      )
    case 'refused':
      return '**Cost:** nothing. No training was started.'
    case 'planned':
      return plan?.cost == null
        ? '**Cost:** nothing so far; what the training costs is not known in advance.'
        : `**Cost:** nothing so far; the training costs at most ${plain(formatUsd(plan.cost.max))}.`
    default:
      return ''
  }
}

function sinceSuccess(history: readonly PastRun[]): readonly PastRun[] {
  const lastGood = history.findIndex((run) => run.verdict === 'succeeded')
  return lastGood === -1 ? history : history.slice(0, lastGood)
}

function costSoFar(runs: readonly PastRun[], hasSuccess: boolean): string {
  if (runs.length === 0) return '**Cost:** nothing.'
  const known = runs.flatMap(({ cost }) => (cost === null ? [] : [cost]))
  const sum = known.reduce((total, cost) => total + cost, 0)
  const unknown = runs.length - known.length
  const amount = known.length === 0 ? 'not known' : plain(formatUsd(sum))
  const rest = unknown > 0 && known.length > 0 ? ` (and ${formatCount(unknown, 'run')} of unknown cost)` : ''
  const when = hasSuccess ? ' since the last success' : ''
  return `**Cost so far:** ${amount} for ${formatCount(runs.length, 'run')}${when}${rest}.`
}
