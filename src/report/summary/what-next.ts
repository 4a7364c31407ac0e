import { formatCount, formatUsd } from '../../domain/format.ts'
import type { AttemptsSince, Outcome } from '../../domain/outcome.ts'
import type { EndCause } from '../../domain/training.ts'
import type { ComesBack } from '../../domain/verdict.ts'
import { plain } from '../markdown/markdown.ts'

/**
 * Explains a skip that is due to an earlier attempt: what the attempts since the last success cost, and what comes back
 * by itself. The reason of the skip has the link and the way back.
 *
 * @returns Markdown parts; none for an outcome that is no such skip
 */
export function warningParts({ verdict, isWarning, sinceSuccess, comesBack }: Outcome): string[] {
  if (verdict !== 'skipped' || !isWarning) return []
  return [
    sinceSuccess === null ? '' : costSoFar(sinceSuccess),
    comesBack === null ? '' : `**By itself:** ${byItself[comesBack]}`,
  ]
}

function costSoFar({ runs, cost, unknown, hasSuccess }: AttemptsSince): string {
  if (runs === 0) return ''
  const amount = unknown === runs ? 'not known' : plain(formatUsd(cost))
  const rest = unknown > 0 && unknown < runs ? ` (and ${formatCount(unknown, 'run')} of unknown cost)` : ''
  const when = hasSuccess ? ' since the last success' : ''
  return `**Cost so far:** ${amount} for ${formatCount(runs, 'run')}${when}${rest}.`
}

const nextCommit = 'the next commit that changes relevant files is trained'

/** The rules are in docs/ledger.md, "What comes back by itself, and what you do". */
const byItself: Readonly<Record<ComesBack, string>> = {
  data: `${nextCommit}. This data is not.`,
  'data-or-recipe':
    `${nextCommit}. So is this data after a change of the recipe (trainer, image, command, parameters, hardware, ` +
    'timeout), at most three times and within `max-cost`.',
  'next-check': 'the next check tries again, at most three times and within `max-cost`.',
  tomorrow: 'the first check after midnight (UTC) trains this revision, if it is still the head.',
  asked: 'every check asks the provider again. Nothing is started beside a training that may be running.',
  nothing: 'nothing is trained until the settings change.',
}

/**
 * Says of a training that did not succeed what comes back by itself, and what a person does.
 *
 * @returns Markdown parts; none for any other outcome
 */
export function afterFailure({ verdict, end, comesBack }: Outcome): string[] {
  if ((verdict !== 'failed' && verdict !== 'cancelled') || end === null || end.cause === null) return []
  const back = comesBack ?? usually[end.cause]
  const isCancelled = end.cause === 'workflow' || end.cause === 'person'
  const wayBack = isCancelled
    ? '**What to do:** Run workflow trains this data.'
    : '**Fixed it?** Run workflow.'
  return [`**By itself:** ${byItself[back]}`, ...(back === 'next-check' ? [] : [wayBack])]
}

/** Where it is not known whether a bound is reached. */
const usually: Readonly<Record<EndCause, ComesBack>> = {
  training: 'data-or-recipe',
  limit: 'data-or-recipe',
  infrastructure: 'next-check',
  workflow: 'data',
  person: 'data',
}
