import type { Commit } from '../sandbox/hub/git/repositories.ts'
import { type Directory, diffTrees, emptyTree } from '../sandbox/hub/git/trees.ts'
import type { SandboxHub } from '../sandbox/hub/start.ts'

/** What a simulation is judged by: all must be empty. Each entry says what and when. */
export interface Judgement {
  /** Commits that had to train and were in no run within the time limit. */
  readonly lost: readonly string[]
  /** Starts of a revision that had one already, unless that one failed and a person asked for another. */
  readonly doubled: readonly string[]
  /** Starts for which nothing that counts had changed since the last good run, or that are not of main. */
  readonly unneeded: readonly string[]
}

/** A start that cost money. */
export interface Paid {
  readonly recipe: string
  readonly revision: string
  readonly at: number
  readonly endsAt: number
  readonly end: 'succeeded' | 'failed'
}

/** What somebody wants trained. */
export interface Wanted {
  readonly name: string
  readonly dataset: string
  readonly counts: (path: string) => boolean
}

/** A commit must be in a run within this time: the schedule comes every hour, and it may be killed too. */
const coveredWithinMs = 6 * 3_600_000

/** So soon after a person's request its start belongs to it: a recipe may wait, and requests are repeated. */
const answersRequestMs = 15 * 60_000

/**
 * Judges by what the Hub has, what the provider was paid for and what people asked for alone; it knows nothing of
 * the action's ways.
 *
 * @param options.starts in the order in which they were paid
 * @param options.requests when a person ran jobs again
 * @param options.until later commits had no time to be trained, milliseconds since the epoch
 */
export function judge(options: {
  hub: Pick<SandboxHub, 'repository'>
  wanted: readonly Wanted[]
  starts: readonly Paid[]
  requests: readonly number[]
  until: number
}): Judgement {
  const { hub, wanted, requests, until } = options
  const all = wanted.map((wish) => {
    const starts = options.starts.filter(({ recipe }) => recipe === wish.name)
    const history = historyOf(hub, wish.dataset)
    const subject = { ...wish, starts, history, ...createViews(history, wish.counts, starts) }
    return {
      lost: findLost(subject, until),
      doubled: findDoubled(subject, requests),
      unneeded: findUnneeded(subject),
    }
  })
  return {
    lost: all.flatMap(({ lost }) => lost),
    doubled: all.flatMap(({ doubled }) => doubled),
    unneeded: all.flatMap(({ unneeded }) => unneeded),
  }
}

/** The commits that main held one after the other, oldest first. */
export function historyOf(hub: Pick<SandboxHub, 'repository'>, dataset: string): readonly Commit[] {
  const { refs, commits } = hub.repository(dataset)
  const history: Commit[] = []
  let next = commits.get(refs.get('refs/heads/main') ?? '')
  while (next !== undefined) {
    history.push(next)
    next = commits.get(next.parents[0] ?? '')
  }
  return history.reverse()
}

type Subject = Wanted & {
  readonly starts: readonly Paid[]
  readonly history: readonly Commit[]
} & ReturnType<typeof createViews>

function createViews(history: readonly Commit[], counts: Wanted['counts'], starts: readonly Paid[]) {
  const order = new Map(history.map(({ sha }, index) => [sha, index]))
  const place = (sha: string | undefined) => order.get(sha ?? '') ?? -1
  const treeOf = (sha: string | undefined): Directory => history[place(sha)]?.tree ?? emptyTree
  return {
    place,
    /** Whether something that counts differs between two revisions; without the first, between nothing and it. */
    differs: (from: string | undefined, to: string) =>
      [...diffTrees(treeOf(from), treeOf(to)).keys()].some(counts),
    /** The revision of the last start before a moment, leaving out those that had failed by then. */
    trainedAt: (time: number, before = starts.length) =>
      starts
        .slice(0, before)
        .findLast(({ at, end, endsAt }) => at <= time && (end === 'succeeded' || endsAt > time))?.revision,
  }
}

function findLost(subject: Subject, until: number): string[] {
  const { history, starts, place, differs, trainedAt } = subject
  return history.flatMap((commit, index) => {
    const { sha, date, parents } = commit
    const limit = date.getTime() + coveredWithinMs
    if (limit > until || !differs(parents[0], sha)) return []
    if (starts.some((start) => place(start.revision) >= index && start.at <= limit)) return []
    // What is undone before anybody trained it need not be trained: the last good run has the same content.
    const isUndone = history.slice(index).some((later, more) => {
      if (later.date.getTime() > limit) return false
      const leaves = Math.min(limit, (history[index + more + 1]?.date.getTime() ?? limit) - 1)
      return [later.date.getTime(), leaves].some((time) => !differs(trainedAt(time), later.sha))
    })
    return isUndone ? [] : [entry(subject, { revision: sha, at: date.getTime() })]
  })
}

function findDoubled(subject: Subject, requests: readonly number[]): string[] {
  const { starts } = subject
  return starts.flatMap((start, index) => {
    const earlier = starts.slice(0, index).filter(({ revision }) => revision === start.revision)
    const allHaveFailed = earlier.every(({ end, endsAt }) => end === 'failed' && endsAt <= start.at)
    const isAsked = requests.some((time) => time <= start.at && start.at <= time + answersRequestMs)
    return earlier.length === 0 || (allHaveFailed && isAsked) ? [] : [entry(subject, start)]
  })
}

function findUnneeded(subject: Subject): string[] {
  const { starts, place, differs, trainedAt } = subject
  return starts.flatMap((start, index) => {
    const { revision, at } = start
    // That is doubled, and counted as such.
    if (starts.slice(0, index).some((other) => other.revision === revision)) return []
    const isNeeded = place(revision) >= 0 && differs(trainedAt(at, index), revision)
    return isNeeded ? [] : [entry(subject, start)]
  })
}

function entry({ name }: Subject, { revision, at }: { revision: string; at: number }): string {
  return `${name} ${revision.slice(0, 7)} ${new Date(at).toISOString()}`
}
