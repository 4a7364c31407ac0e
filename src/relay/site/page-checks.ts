import { html } from 'hono/html'
import { isAccepted } from './last-dispatches.ts'
import type { PageFacts } from './page-facts.ts'

/** A piece of the page, in which all text from outside is escaped. */
export type Markup = ReturnType<typeof html>

/** Longer than a dispatch needs to be taken up. */
const longWaitMs = 60 * 60_000

/**
 * Whether the relay would pass on an event: it can ask GitHub, and GitHub took the last event for each repository. Only
 * the next accepted event changes the latter, so nothing that keeps events away may hang on it.
 */
export function isAllWell({
  readiness,
  lastDispatches,
}: Pick<PageFacts, 'readiness' | 'lastDispatches'>): boolean {
  return readiness.ready && lastDispatches.every(isAccepted)
}

/** The checks of the page, each with its mark. They name no dataset and no repository. */
export function pageChecks(facts: PageFacts): Markup[] {
  const { readiness, hasRename, now } = facts
  const { token, reachable, repositories, checkedAt } = readiness
  const tokenTexts = {
    accepted: 'GitHub accepts the token.',
    refused: 'GitHub refuses the token: the log says why.',
    unknown: 'GitHub did not answer, so the token was not checked.',
  }
  const age = duration(now - checkedAt)
  return [
    check(true, 'The webhook secret is set.'),
    check(token === 'accepted', tokenTexts[token]),
    check(
      reachable === repositories,
      `${reachable} of ${repositories} repositories can be reached (${age} ago).`,
    ),
    ...dispatchChecks(facts),
    ...reconcileChecks(facts),
    ...(hasRename ? [check(false, 'A watched dataset was renamed: see the log.')] : []),
  ]
}

function dispatchChecks({ lastDispatches, now }: PageFacts): Markup[] {
  const newest = Math.max(...lastDispatches.map(({ at }) => at))
  const failed = lastDispatches.filter((last) => !isAccepted(last)).length
  if (lastDispatches.length === 0) return []
  const age = duration(now - newest)
  return [
    failed === 0
      ? check(true, `GitHub accepted the last dispatch to each repository (the newest ${age} ago).`)
      : check(
          false,
          `GitHub did not accept the last dispatch to ${failed} of ${lastDispatches.length} repositories: the log says why.`,
        ),
  ]
}

function reconcileChecks({ reconcile, now }: PageFacts): Markup[] {
  if (reconcile === null) return []
  const { at, routes, failed, unseenMs } = reconcile
  const age = duration(now - at)
  return [
    failed === 0
      ? check(true, `The last reconcile compared every watched head with what was seen (${age} ago).`)
      : check(
          false,
          `The last reconcile failed for ${failed} of ${routes} routes (${age} ago): the log says why.`,
        ),
    ...(unseenMs > 0
      ? [
          check(
            unseenMs < longWaitMs,
            `The oldest head with something to do has waited for ${duration(unseenMs)}.`,
          ),
        ]
      : []),
  ]
}

function check(isGood: boolean, text: string): Markup {
  return html`<li class="${isGood ? 'good' : 'bad'}"><span class="mark">${isGood ? 'Passed' : 'Failed'}</span> ${text}</li>`
}

/** A time span in its largest unit: `3 minutes`. */
export function duration(ms: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const
  const [name, length] = units.find(([, unit]) => ms >= unit) ?? ['second', 1000]
  const count = Math.floor(ms / length)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
