import { formatCount, formatUsd } from '../../domain/format.ts'
import type { Outcome, PastRun } from '../../domain/outcome.ts'
import { plain } from '../markdown/markdown.ts'

/**
 * Explains a skip that is due to an earlier attempt: what the attempts since the last success cost, and what comes back
 * by itself. The reason of the skip has the link and the way back.
 *
 * @returns Markdown parts; none for an outcome that is no such skip
 */
export function warningParts({ verdict, isWarning, history }: Outcome): string[] {
  if (verdict !== 'skipped' || !isWarning) return []
  const lastGood = history.findIndex((run) => run.verdict === 'succeeded')
  const since = lastGood === -1 ? history : history.slice(0, lastGood)
  return [costSoFar(since, lastGood !== -1), `**By itself:** ${comesBack(since[0])}`]
}

function costSoFar(runs: readonly PastRun[], hasSuccess: boolean): string {
  if (runs.length === 0) return ''
  const known = runs.flatMap(({ cost }) => (cost === null ? [] : [cost]))
  const sum = known.reduce((total, cost) => total + cost, 0)
  const unknown = runs.length - known.length
  const amount = known.length === 0 ? 'not known' : plain(formatUsd(sum))
  const rest = unknown > 0 && known.length > 0 ? ` (and ${formatCount(unknown, 'run')} of unknown cost)` : ''
  const when = hasSuccess ? ' since the last success' : ''
  return `**Cost so far:** ${amount} for ${formatCount(runs.length, 'run')}${when}${rest}.`
}

const nextCommit = 'the next commit that changes relevant files is trained'
const anotherRecipe =
  'So is this data after a change of the recipe (trainer, image, command, parameters, hardware, timeout), at most ' +
  'three times and within `max-cost`.'

/** The rules are in docs/ledger.md, "What comes back by itself, and what you do". */
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

/**
 * Says of a training that did not succeed what comes back by itself, and what a person does.
 *
 * @returns Markdown parts; none for any other outcome
 */
export function afterFailure({ verdict, end }: Outcome): string[] {
  if ((verdict !== 'failed' && verdict !== 'cancelled') || end === null) return []
  switch (end.cause) {
    case 'training':
    case 'limit':
      return [`**By itself:** ${nextCommit}. ${anotherRecipe}`, '**Fixed it?** Run workflow.']
    case 'infrastructure':
      return ['**By itself:** the next check tries again, at most three times and within `max-cost`.']
    case 'workflow':
    case 'person':
      return [`**By itself:** ${nextCommit}. This data is not: Run workflow trains it.`]
    case null:
      return []
  }
}
