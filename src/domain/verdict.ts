/**
 * How an event ends. Every event ends in exactly one of these, with a reason.
 *
 * - `skipped`: nothing to do, and that is right
 * - `refused`: something has to be mended by a person before anything may run; nothing was started
 * - `planned`: a dry run: this is what would have happened
 * - `started`: under way, and not followed
 * - `succeeded`, `failed`, `cancelled`: how it ended
 */
export const verdicts = ['skipped', 'refused', 'planned', 'started', 'succeeded', 'failed', 'cancelled'] as const

/** One of the seven ends of an event. */
export type Verdict = (typeof verdicts)[number]

const failures: readonly Verdict[] = ['refused', 'failed', 'cancelled']

/** Whether a verdict fails the step of the workflow. */
export function failsTheStep(verdict: Verdict): boolean {
  return failures.includes(verdict)
}

/** Whether something was done about the event (the guide's `processed`). */
export function isProcessed(verdict: Verdict): boolean {
  return verdict !== 'skipped' && verdict !== 'refused'
}

/** Thrown where an event, an input or a permission is not good enough to go on: the verdict is `refused`. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

/** Thrown where there is rightly nothing to do: the verdict is `skipped`. */
export class Skipped extends Error {
  override readonly name = 'Skipped'
  /** Whether a person should know: an earlier attempt failed, and nothing comes back by itself. */
  readonly isWarning: boolean
  /** When to check this revision again, in milliseconds since the epoch; null: never, there is nothing left to do. */
  readonly againAt: number | null

  constructor(
    message: string,
    options: { isWarning?: boolean; againAt?: number | null; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.isWarning = options.isWarning ?? false
    this.againAt = options.againAt ?? null
  }
}
