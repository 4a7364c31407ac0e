import type { EndCause } from '../../../src/domain/training.ts'
import type { Head, Heads } from './history.ts'
import { createHeads } from './history.ts'

/** What a simulation is judged by. Each entry says what and when. */
export interface Judgement {
  /** Commits that had to train and were in no run within the time limit. */
  readonly lost: readonly string[]
  /** Starts on data that had one already, unless that one came back by itself rightly or a person asked for another. */
  readonly doubled: readonly string[]
  /** Starts for which nothing that counts had changed since the last good run, or that are not of main. */
  readonly unneeded: readonly string[]
  /** Starts after a run that the provider did not list within 10 minutes: allowed, and counted apart. */
  readonly overlaps: readonly string[]
}

/** A start that cost money. */
export interface Paid {
  readonly recipe: string
  readonly revision: string
  readonly at: number
  readonly endsAt: number
  readonly end: 'succeeded' | 'failed' | 'cancelled'
  readonly cause: EndCause | null
  /** From when on the provider's list has it. */
  readonly listedAt: number
  readonly hidden?: { readonly from: number; readonly to: number } | null
  /** How many edits of its recipe its workflow run knew of: jobs that run again have the config of then. */
  readonly knownEdits?: number
}

/** What somebody wants trained. */
export interface Wanted {
  readonly name: string
  readonly dataset: string
  readonly counts: (path: string) => boolean
}

/** What people asked for. */
export interface Asked {
  /** When they pressed Run or Re-run. */
  readonly requests: readonly { readonly at: number; readonly force: boolean }[]
  /** When they edited how a recipe runs. */
  readonly edits: readonly { readonly recipe: string; readonly at: number }[]
}

/** A claim whose owner died before the order: it counts as an order that may have been sent, until its deadline. */
export interface DeadClaim {
  readonly recipe: string
  readonly revision: string
  readonly at: number
}

const minute = 60_000

/** A commit must be in a run within this time: the schedule comes every hour, and it may be killed too. */
const coveredWithinMs = 6 * 60 * minute

/** So soon after a person's request its start belongs to it: a recipe may wait, and requests are repeated. */
const answersRequestMs = 20 * minute

/** A claim without a run may be taken over after this time. */
const takeOverAfterMs = 10 * minute

/**
 * The deadline of a run, and some minutes less: order + an hour in the queue + its timeout of 40 minutes + 10 minutes.
 * What is cancelled then was cancelled for that, which is no person's wish.
 */
const overdueAfterMs = 105 * minute
const deadlineMs = 115 * minute

/** So long before an order its action may have read the list. */
const listReadBeforeMs = minute

/** Whether the end of a run lets its data start again without a person. */
export function isNobodysWish({
  at,
  endsAt,
  end,
  cause,
}: Pick<Paid, 'at' | 'endsAt' | 'end' | 'cause'>): boolean {
  return cause === 'infrastructure' || (end === 'cancelled' && endsAt - at >= overdueAfterMs)
}

/** How often a training on the same data may start without a person. */
const maxAutomatic = 3

/**
 * Judges by what the Hub had, what the provider was paid for and what people asked for alone; it knows nothing of the
 * action's ways.
 *
 * @param options.starts in the order in which they were paid
 * @param options.heads what the watched branch of a dataset held
 * @param options.until later commits had no time to be trained, milliseconds since the epoch
 */
export function judge(options: {
  heads: (dataset: string) => readonly Head[]
  wanted: readonly Wanted[]
  starts: readonly Paid[]
  asked: Asked
  deadClaims: readonly DeadClaim[]
  until: number
}): Judgement {
  const { wanted, asked, until } = options
  const all = wanted.map((wish) => {
    const starts = options.starts.filter(({ recipe }) => recipe === wish.name)
    const heads = createHeads(options.heads(wish.dataset), wish.counts)
    const deadClaims = options.deadClaims.filter(({ recipe }) => recipe === wish.name)
    const subject: Subject = { ...wish, starts, heads, asked, deadClaims }
    return { lost: findLost(subject, until), ...judgeStarts(subject) }
  })
  return {
    lost: all.flatMap(({ lost }) => lost),
    doubled: all.flatMap(({ doubled }) => doubled),
    unneeded: all.flatMap(({ unneeded }) => unneeded),
    overlaps: all.flatMap(({ overlaps }) => overlaps),
  }
}

interface Subject extends Wanted {
  readonly starts: readonly Paid[]
  readonly heads: Heads
  readonly asked: Asked
  readonly deadClaims: readonly DeadClaim[]
}

/** The last start before a moment that was good then: it succeeded, or was running. */
function goodAt({ starts }: Subject, time: number, before = starts.length): Paid | undefined {
  return starts
    .slice(0, before)
    .findLast(({ at, end, endsAt }) => at <= time && (end === 'succeeded' || endsAt > time))
}

function findLost(subject: Subject, until: number): string[] {
  const { starts, heads } = subject
  const { all, place, differs } = heads
  return all.flatMap(({ sha, at }, index) => {
    const limit = at + coveredWithinMs
    if (limit > until || !differs(all[index - 1]?.sha, sha) || isEmpty(heads, sha)) return []
    if (starts.some((start) => start.at <= limit && place(start.revision) >= index)) return []
    if (hasSpentAttempts(subject, sha, limit)) return []
    // What is undone before it was trained need not be trained: the last run has the same content.
    const isUndone = all.slice(index).some((later, more) => {
      if (later.at > limit) return false
      if (isEmpty(heads, later.sha)) return true
      const leaves = Math.min(limit, (all[index + more + 1]?.at ?? limit) - 1)
      return [later.at, leaves].some((time) => {
        const last = starts.findLast((start) => start.at <= time)
        return [goodAt(subject, time), last].some((run) => run && !differs(run.revision, later.sha))
      })
    })
    return isUndone ? [] : [entry(subject, { revision: sha, at })]
  })
}

/** Whether the same data was ordered as often as it may be without a person, and never succeeded since. */
function hasSpentAttempts({ starts, deadClaims, heads }: Subject, sha: string, limit: number): boolean {
  const isSame = ({ revision, at }: DeadClaim) => at <= limit && !heads.differs(revision, sha)
  const same = starts.filter(isSame)
  const lastGood = same.findLast(({ end }) => end === 'succeeded')?.at ?? Number.NEGATIVE_INFINITY
  return [...same, ...deadClaims.filter(isSame)].filter(({ at }) => at > lastGood).length >= maxAutomatic
}

/** Whether nothing in a revision counts: there is nothing to train. */
function isEmpty({ differs }: Heads, sha: string): boolean {
  return !differs(undefined, sha)
}

type Kind = 'doubled' | 'unneeded' | 'overlaps'

function judgeStarts(subject: Subject): Record<Kind, string[]> {
  const found: Record<Kind, string[]> = { doubled: [], unneeded: [], overlaps: [] }
  subject.starts.forEach((start, index) => {
    const kind = judgeStart(subject, start, index)
    if (kind !== null) found[kind].push(entry(subject, start))
  })
  return found
}

function judgeStart(subject: Subject, start: Paid, index: number): Kind | null {
  const { starts, heads, asked } = subject
  const { revision, at } = start
  const before = starts.slice(0, index)
  const last = before.at(-1)
  const isSame = (other: Paid) => other.revision === revision || !heads.differs(other.revision, revision)
  const requests = asked.requests.filter((one) => one.at <= at && at <= one.at + answersRequestMs)
  const isForced = requests.some(({ force }) => force)
  const beside = before.filter((other) => other.endsAt > at && isSame(other))
  if (beside.some((other) => !isUnlisted(other, at))) return 'doubled'
  if (beside.length > 0) return 'overlaps'
  if (heads.place(revision) < 0) return 'unneeded'
  if (isForced) return null
  const earlier = before.filter((other) => other.revision === revision)
  // What failed under another revision counts too: a README-only commit makes no other data of it.
  const failed = last !== undefined && last.end !== 'succeeded' && isSame(last) ? last : undefined
  const repeated = earlier.at(-1) ?? failed
  if (repeated?.end === 'succeeded' && isUnlisted(repeated, at)) return 'overlaps'
  if (repeated === undefined || repeated.end === 'succeeded') {
    const good = goodAt(subject, at, index)
    if (good === undefined || heads.differs(good.revision, revision)) return null
    if (isUnlisted(good, at)) return 'overlaps'
    if (isBackFromOther(subject, start, good)) return null
    return repeated === undefined ? 'unneeded' : 'doubled'
  }
  // What a person asked for comes back by itself where its order was refused.
  if (asked.requests.some((request) => repeated.at < request.at && request.at <= at)) return null
  if (repeated.revision === revision && isUnlisted(repeated, at)) return 'overlaps'
  return mayComeBack(subject, { start, repeated, before }) ? null : 'doubled'
}

/**
 * Whether other data may have been in training for all that anybody could see: a run that its provider does not show,
 * or a claim whose owner died, counts as running until its deadline, and data that comes back after it trains again.
 */
function isBackFromOther(
  { starts, heads, deadClaims }: Subject,
  { revision, at }: Paid,
  good: Paid,
): boolean {
  const isHidden = ({ hidden }: Paid) => hidden != null && hidden.from <= at && at < hidden.to
  return [...starts.filter(isHidden), ...deadClaims].some((other) => {
    const isOpen = good.at < other.at && other.at < at && at - other.at < deadlineMs
    return isOpen && heads.differs(other.revision, revision)
  })
}

/** Whether what failed may start again without a person. */
function mayComeBack(
  { name, asked, heads }: Subject,
  { start, repeated, before }: { start: Paid; repeated: Paid; before: readonly Paid[] },
): boolean {
  const editsBefore = (at: number) =>
    asked.edits.filter((edit) => edit.recipe === name && edit.at < at).length
  const isEdited = editsBefore(start.at) > (repeated.knownEdits ?? editsBefore(repeated.at))
  if (!isNobodysWish(repeated) && !(isEdited && repeated.end === 'failed')) return false
  const same = before.filter(({ revision }) => !heads.differs(revision, start.revision))
  const since = same.slice(same.findLastIndex(({ end }) => end === 'succeeded') + 1)
  const isAsked = ({ at }: Paid) =>
    asked.requests.some((request) => request.at <= at && at <= request.at + answersRequestMs)
  return since.filter((other) => !isAsked(other)).length < maxAutomatic
}

/** Whether a run could not be seen by one that started ten minutes later. */
function isUnlisted({ at, listedAt, hidden }: Paid, now: number): boolean {
  const lookedAt = now - listReadBeforeMs
  const isHidden = hidden != null && hidden.from <= now && lookedAt < hidden.to
  return now - at >= takeOverAfterMs - minute && (listedAt > lookedAt || isHidden)
}

function entry({ name }: Subject, { revision, at }: { revision: string; at: number }): string {
  return `${name} ${revision.slice(0, 7)} ${new Date(at).toISOString()}`
}
