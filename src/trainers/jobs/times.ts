/** Between two checks of a Job that is followed: a stage changes a few times an hour, and 5 s is live enough. */
export const jobCheckEveryMs = 5_000

/**
 * How long a Job must be missing before it counts as out of sight, and how long the Job of an unclear start is searched
 * for. The Hub's machines learn of a new Job at different times; most take seconds. Later checks ask again.
 */
export const jobUnseenAfterMs = 60_000

/**
 * The same search once the workflow is cancelled. The runner terminates a cancelled step after 7.5 s; the post step
 * continues the search.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
 */
export const cancelledStartSearchMs = 5_000

/** Between two checks of that short search. */
export const cancelledStartCheckEveryMs = 1_000

/** Between two attempts to cancel a Job: a cancelled step has seconds, and a Job may be unknown to the Hub for a minute. */
export const cancelRetryEveryMs = 750

/** How long cancelling is retried in all: longer than a Job can be unknown to the Hub between refused attempts. */
export const cancelGiveUpAfterMs = 300_000

/** How long a Job may wait for its hardware and image, unless its timeout is longer. */
export const minQueueLimitMs = 3_600_000

/** How much longer a Job may run whose times are read on the Hub's clock, which may differ from this machine's. */
export const clockToleranceMs = 600_000

/** How long a Job may run past its own timeout before the action cancels it: the Hub's own limit should come first. */
export const overdueMarginMs = 120_000

/** How long a cancelled Job may take to reach its last stage. */
export const cancelledJobEndsWithinMs = 60_000

/** A Job that ran this close to its timeout counts as ended by it: the Hub does not always give a reason. */
export const timeoutToleranceMs = 10_000

/**
 * Time reserved for a Job to get its hardware and image. It usually takes seconds. A scarce GPU can take longer; the
 * post step and the next workflow run handle that case.
 */
export const jobQueueMs = 20 * 60_000
