/**
 * The result of an event. Every event ends in exactly one verdict, with a reason.
 *
 * - `skipped`: there was nothing to do
 * - `refused`: an event, an input or a permission needs a fix; nothing was started
 * - `planned`: a dry run; this is what would have been started
 * - `started`: the training was started and not followed
 * - `succeeded`, `failed`, `cancelled`: how the training ended
 */
export const verdicts = [
  'skipped',
  'refused',
  'planned',
  'started',
  'succeeded',
  'failed',
  'cancelled',
] as const

/** One of the seven ends of an event. */
export type Verdict = (typeof verdicts)[number]

const failures: readonly Verdict[] = ['refused', 'failed', 'cancelled']

/** Whether a verdict fails the workflow's step. */
export function failsTheStep(verdict: Verdict): boolean {
  return failures.includes(verdict)
}

/**
 * Whether the event had an effect, which the guide calls `processed`.
 * https://huggingface.co/docs/hub/webhooks-guide-auto-retrain
 */
export function isProcessed(verdict: Verdict): boolean {
  return verdict !== 'skipped' && verdict !== 'refused'
}

/** Thrown when an event, an input or a permission needs a fix: the verdict becomes `refused`. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

/** Thrown when the data cannot be trained: it is refused once, and not checked again before it changes. */
export class UnfitData extends Refused {}

/**
 * What happens without a person after a training that is not repeated, or not yet.
 *
 * - `data`: only other data is trained
 * - `data-or-recipe`: other data, and this data once the recipe runs otherwise, within the bounds
 * - `next-check`: the next check tries this data again, within the bounds
 * - `tomorrow`: a check after midnight (UTC) trains this data
 * - `more-data`: a check trains once enough relevant files changed, `min-changed-files`
 * - `asked`: every check asks how the run stands, and starts nothing beside it
 * - `nothing`: nothing at all, until the settings change
 */
export const comesBackKinds = [
  'data',
  'data-or-recipe',
  'next-check',
  'tomorrow',
  'more-data',
  'asked',
  'nothing',
] as const

/** One of the ways in which trainings come back by themselves. */
export type ComesBack = (typeof comesBackKinds)[number]

/** Thrown when there is nothing to do: the verdict becomes `skipped`. */
export class Skipped extends Error {
  override readonly name = 'Skipped'
  /** Whether a person should know: an earlier attempt failed, and nothing comes back by itself. */
  readonly isWarning: boolean
  /** What happens without a person; null where nothing but the reason explains the skip. */
  readonly comesBack: ComesBack | null
  /** When to check this revision again, in milliseconds since the epoch; null: never, there is nothing left to do. */
  readonly againAt: number | null

  constructor(
    message: string,
    options: {
      isWarning?: boolean
      comesBack?: ComesBack | null | undefined
      againAt?: number | null
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.isWarning = options.isWarning ?? false
    this.comesBack = options.comesBack ?? null
    this.againAt = options.againAt ?? null
  }
}
/**
 * Thrown by `start` when the run certainly never began, so it cannot have cost anything. Its cause is `Skipped` when
 * not starting was right.
 */
export class NotStarted extends Error {
  override readonly name = 'NotStarted'
}

/**
 * Thrown by `follow` when the run has ended and its end could not be judged: the Hub gave no clear answer about its
 * model. Nothing is running, and a later check judges it.
 */
export class NotJudged extends Error {
  override readonly name = 'NotJudged'
}

/**
 * Thrown by `start` when the answer to the order was unclear, and the run was not found either: it may be running.
 * The claim stays, and every check asks for the run until its deadline.
 */
export class UnclearStart extends Error {
  override readonly name = 'UnclearStart'
}
