/** What went wrong on purpose, by kind. */
export interface Tally {
  readonly counts: Record<string, number>
  count(kind: string): void
}

/** @returns a tally that has counted nothing yet */
export function createTally(): Tally {
  const counts: Record<string, number> = {}
  return {
    counts,
    count(kind) {
      counts[kind] = (counts[kind] ?? 0) + 1
    },
  }
}
