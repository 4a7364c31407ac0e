const minuteMs = 60_000

/** How long until the next check of what is not clear yet, or of another workflow run's claim. */
export const soonMs = 10 * minuteMs

/** How long until the next check of what only time can change. */
export const laterMs = 60 * minuteMs
