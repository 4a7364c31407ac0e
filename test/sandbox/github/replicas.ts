/** How many milliseconds each kind of read is behind. Reads that are not named are up to date. */
interface Lag {
  /** `GET git/ref/...` */
  get?: number
  /** `GET git/matching-refs/...` */
  list?: number
  /** `GET git/tags/...`: the tag objects. */
  tag?: number
  /** Everything that GraphQL reads. */
  graphql?: number
}

/** The replicas that reads go to. Writes go to the primary, which is never behind. */
export interface Replicas {
  /** Lets reads fall behind until it is lifted. Where several do, the longest lag counts. */
  lag(lag: Lag): { lift(): void }
  /** The time, in milliseconds since the epoch, whose state a read of this kind sees. */
  seen(kind: keyof Lag): number
}

/**
 * GitHub answers reads from replicas, which may be seconds behind: https://github.com/PyGithub/PyGithub/issues/2759
 *
 * @param now milliseconds since the epoch, without any skew
 * @returns replicas that are up to date
 */
export function createReplicas(now: () => number): Replicas {
  const active = new Set<Lag>()
  return {
    lag(lag) {
      const own = { ...lag }
      active.add(own)
      return { lift: () => active.delete(own) }
    },
    seen: (kind) => now() - Math.max(0, ...[...active].map((lag) => lag[kind] ?? 0)),
  }
}
