interface Change {
  at: number
  ref: string
  /** What the ref held before; undefined for nothing. */
  before: string | undefined
}

/** The refs of a repository by full name, and what they were a while ago: a lagging replica still shows that. */
export class RefStore extends Map<string, string> {
  readonly #now: () => number
  readonly #changes: Change[] = []

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    super()
    this.#now = now
  }

  override set(ref: string, sha: string): this {
    if (this.get(ref) === sha) return this
    this.#changes.push({ at: this.#now(), ref, before: this.get(ref) })
    return super.set(ref, sha)
  }

  override delete(ref: string): boolean {
    if (this.has(ref)) this.#changes.push({ at: this.#now(), ref, before: this.get(ref) })
    return super.delete(ref)
  }

  /** The refs as they were at a time, which has what happened at that very millisecond. */
  at(time: number): ReadonlyMap<string, string> {
    if ((this.#changes.at(-1)?.at ?? 0) <= time) return this
    const then = new Map(this)
    for (const { at, ref, before } of this.#changes.toReversed()) {
      if (at <= time) break
      if (before === undefined) then.delete(ref)
      else then.set(ref, before)
    }
    return then
  }
}
