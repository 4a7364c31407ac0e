import type { Commit } from '../../sandbox/hub/git/repositories.ts'
import { type Directory, diffTrees, emptyTree } from '../../sandbox/hub/git/trees.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'

/** One commit that the watched branch held, and since when. */
export interface Head {
  readonly sha: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly tree: Directory
}

/** The commits that main held one after the other, oldest first, where nobody rewrote the history. */
export function historyOf(hub: Pick<SandboxHub, 'repository'>, dataset: string): readonly Head[] {
  const { refs, commits } = hub.repository(dataset)
  const history: Head[] = []
  let next: Commit | undefined = commits.get(refs.get('refs/heads/main') ?? '')
  while (next !== undefined) {
    history.push({ sha: next.sha, at: next.date.getTime(), tree: next.tree })
    next = commits.get(next.parents[0] ?? '')
  }
  return history.reverse()
}

/** What main held, written down as it happens: a rewritten history does not tell any more. */
export interface HeadLog {
  /** Notes the head of a dataset, by the name that it has now. */
  note(dataset: string, present: string): void
  /** @param dataset the name that it had at the beginning */
  of(dataset: string): readonly Head[]
}

/** @param now milliseconds since the epoch */
export function createHeadLog(hub: Pick<SandboxHub, 'repository'>, now: () => number): HeadLog {
  const logs = new Map<string, Head[]>()
  const of = (dataset: string) => {
    const log = logs.get(dataset) ?? []
    logs.set(dataset, log)
    return log
  }
  return {
    of,
    note(dataset, present) {
      const { refs, commits } = hub.repository(present)
      const commit = commits.get(refs.get('refs/heads/main') ?? '')
      const log = of(dataset)
      if (commit === undefined || log.at(-1)?.sha === commit.sha) return
      log.push({ sha: commit.sha, at: now(), tree: commit.tree })
    },
  }
}

/** Questions about the heads of one dataset. */
export interface Heads {
  readonly all: readonly Head[]
  /** The place of a revision among the heads, the newest of several; -1 when it never was one. */
  place(sha: string | undefined): number
  /** Whether something that counts differs between two revisions; without the first, between nothing and it. */
  differs(from: string | undefined, to: string): boolean
}

/** @param counts which paths count */
export function createHeads(all: readonly Head[], counts: (path: string) => boolean): Heads {
  const places = new Map<string, number>()
  let indexed = 0
  const place = (sha: string | undefined) => {
    for (; indexed < all.length; indexed++) places.set(all[indexed]?.sha ?? '', indexed)
    return places.get(sha ?? '') ?? -1
  }
  const treeOf = (sha: string | undefined): Directory => all[place(sha)]?.tree ?? emptyTree
  return {
    all,
    place,
    differs: (from, to) => [...diffTrees(treeOf(from), treeOf(to)).keys()].some(counts),
  }
}
