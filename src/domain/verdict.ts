/**
 * The verdicts. Every event ends in exactly one of them, with a reason.
 *
 * - `skipped`: there was nothing to do
 * - `refused`: the configuration needs a fix; nothing was started
 * - `planned`: a dry run, with the plan of what would be done
 * - `started`: the training is under way and not followed
 * - `succeeded`, `failed`, `cancelled`: how the training ended
 */
const verdicts = ['skipped', 'refused', 'planned', 'started', 'succeeded', 'failed', 'cancelled'] as const

/** One of the seven verdicts. */
export type Verdict = (typeof verdicts)[number]

const failures: readonly Verdict[] = ['refused', 'failed', 'cancelled']

/** Whether a verdict fails the step of the workflow. */
export function failsTheStep(verdict: Verdict): boolean {
  return failures.includes(verdict)
}

/** Whether the event led to an action (`processed` in the guide). */
export function isProcessed(verdict: Verdict): boolean {
  return verdict !== 'skipped' && verdict !== 'refused'
}

/** Thrown when an event, an input or a permission needs a fix: the verdict is `refused`. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

/** Thrown when there is nothing to do: the verdict is `skipped`. */
export class Skipped extends Error {
  override readonly name = 'Skipped'
}
