import type { AttemptsSince, Outcome } from '../domain/outcome.ts'
import { formatCount, formatUsd } from '../domain/text/format.ts'
import type { EndCause } from '../domain/training.ts'
import type { ComesBack } from '../domain/verdict.ts'
import { adviceFor } from './facts.ts'
import { needsReview } from './headline.ts'
import { plain } from './markdown/markdown.ts'
import { afterPublication } from './publication/publication-parts.ts'

const nextCommit = 'the next commit that changes relevant files is trained'

/** The rules are in docs/ledger.md, "What comes back by itself, and what you do". */
const byItself: Readonly<Record<ComesBack, string>> = {
  data: `${nextCommit}. This data is not.`,
  'data-or-recipe':
    `${nextCommit}. So is this data after a change of the recipe (trainer, image, command, parameters, hardware, ` +
    'timeout), at most three times and within `max-cost`.',
  'next-check': 'the next check tries again, at most three times and within `max-cost`.',
  tomorrow: 'the first check after midnight (UTC) trains this revision, if it is still the head.',
  'more-data': 'a check trains once `min-changed-files` relevant files changed since the last success.',
  asked: 'every check asks the provider again. Nothing is started beside a training that may be running.',
  nothing: 'nothing is trained until the settings change.',
}

/** Where it is not known whether a bound is reached. */
const usually: Readonly<Record<EndCause, ComesBack>> = {
  training: 'data-or-recipe',
  limit: 'data-or-recipe',
  infrastructure: 'next-check',
  workflow: 'data',
  person: 'data',
}

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
 * @returns Markdown parts; none for a success whose model is published, or is not to be published
 */
export function nextParts(outcome: Outcome): string[] {
  const [now, later] = [consequences(outcome), afterPublication(outcome)]
  const byItself = sentences(now.byItself, later.byItself)
  const toDo = sentences(now.toDo, later.toDo)
  return [
    costPart(outcome),
    byItself === null ? '' : `**By itself:** ${byItself}`,
    toDo === null ? '' : `**What to do:** ${toDo}`,
  ].filter((part) => part !== '')
}

function sentences(first: string | null, second: string | null): string | null {
  if (first === null || second === null) return first ?? second
  return `${first} ${second.charAt(0).toUpperCase()}${second.slice(1)}`
}

function consequences(outcome: Outcome): Consequences {
  switch (outcome.verdict) {
    case 'succeeded':
      return { byItself: null, toDo: null }
    case 'skipped':
      return afterSkip(outcome)
    case 'refused':
      if (outcome.publication?.byHand) {
        return {
          byItself: 'trainings go on as ever.',
          toDo: 'fix what is named above, then Run workflow with `publish-revision` again.',
        }
      }
      if (isGuarded(outcome)) {
        return {
          byItself: 'this data is not trained. The next commit that changes relevant files is checked anew.',
          toDo: 'restore the data. If it is meant to be smaller, Run workflow trains it all the same.',
        }
      }
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

/** Whether only the guard against lost data says no. */
function isGuarded({ plan }: Outcome): boolean {
  const refused = (plan?.checks ?? []).filter(({ verdict }) => verdict === 'refused')
  return refused.length > 0 && refused.every(({ id }) => id === 'data-guard')
}

function afterSkip({ isWarning, comesBack, history, revision, recipe, publication }: Outcome): Consequences {
  if (publication?.byHand) return { byItself: 'trainings go on as ever.', toDo: null }
  if (isWarning) return { byItself: comesBack === null ? null : byItself[comesBack], toDo: null }
  const isTrained = recipe !== null && revision !== null && history[0]?.verdict === 'succeeded'
  return {
    byItself: comesBack === null ? `${nextCommit}.` : byItself[comesBack],
    toDo: isTrained ? 'nothing. Run workflow with `force: true` trains this data anyway.' : null,
  }
}

/** Of a training that did not succeed. Without an end, the reason says it all. */
function afterFailure(outcome: Outcome): Consequences {
  const { end, comesBack } = outcome
  const advice = adviceFor(outcome)
  if (end === null || end.cause === null) return { byItself: null, toDo: advice }
  const back = comesBack ?? usually[end.cause]
  const isCancelled = end.cause === 'workflow' || end.cause === 'person'
  const wayBack = isCancelled ? 'Run workflow trains this data.' : '**Fixed it?** Run workflow.'
  const parts = [advice ?? '', back === 'next-check' ? '' : wayBack].filter((part) => part !== '')
  return { byItself: byItself[back], toDo: parts.length === 0 ? null : parts.join(' ') }
}

function costPart({ verdict, isWarning, sinceSuccess, plan }: Outcome): string {
  switch (verdict) {
    case 'skipped':
      if (!isWarning) return '**Cost:** nothing.'
      return sinceSuccess === null ? '' : costSoFar(sinceSuccess)
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

function costSoFar({ runs, cost, unknown, hasSuccess }: AttemptsSince): string {
  if (runs === 0) return '**Cost:** nothing.'
  const amount = unknown === runs ? 'not known' : plain(formatUsd(cost))
  const rest = unknown > 0 && unknown < runs ? ` (and ${formatCount(unknown, 'run')} of unknown cost)` : ''
  const when = hasSuccess ? ' since the last success' : ''
  return `**Cost so far:** ${amount} for ${formatCount(runs, 'run')}${when}${rest}.`
}
