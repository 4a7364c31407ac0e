import { shortRevision } from '../../domain/revision.ts'
import type { SeenEntry } from './seen-entries.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** So long a new head is left to the webhook. */
const graceMs = 2 * minuteMs

/** What is known about a dataset's branch. */
export interface Situation {
  /** The head of the branch. */
  readonly revision: string
  /** When it was committed, in milliseconds since the epoch; null where nothing says. */
  readonly committedAt: number | null
  /** When this process last saw another head there, in milliseconds since the epoch; null where it did not. */
  readonly movedAfter: number | null
  /** What the recipes saw. */
  readonly entries: readonly SeenEntry[]
  /** The watched models whose head is not the one that a recipe saw. */
  readonly moved: readonly MovedModel[]
  /** Milliseconds since the epoch. */
  readonly now: number
  /**
   * The milliseconds since the look before this one: what became due a whole number of hours ago is sent by the look
   * that comes first after each hour, so that no memory is needed. Infinity: every look sends.
   */
  readonly sinceLastMs: number
}

/** A watched model with a new head. */
export interface MovedModel {
  readonly name: string
  /** Milliseconds since the epoch; null where nothing says. */
  readonly committedAt: number | null
  /** When a recipe last saw another head there, in milliseconds since the epoch; null where nothing says. */
  readonly movedAfter: number | null
}

/** What a look comes to. */
export interface Due {
  /** Since when there is something to do, in milliseconds since the epoch; null: there is nothing to do. */
  readonly since: number | null
  /** Whether it is to be sent now: what nobody takes up is not sent at every look. */
  readonly isTurn: boolean
  /** A phrase for people. */
  readonly reason: string
}

/**
 * Something to do, sent hourly for a day while nobody takes it up: a workflow that is disabled, may not write, or refuses
 * its config never says that it saw anything.
 */
interface Task {
  readonly since: number
  /** What comes after the day. */
  readonly afterDay: 'daily' | 'never'
  readonly reason: string
}

/**
 * Decides whether a head must be checked, by what the recipes saw: some saw another revision, or the time to look again
 * has passed, or a watched model has moved. How long it has waited decides how often.
 */
export function decideDue(situation: Situation): Due {
  const { revision, now, sinceLastMs } = situation
  const tasks = [...headTasks(situation), ...againTasks(situation), ...modelTasks(situation)].filter(
    ({ since, afterDay }) => since <= now && (afterDay === 'daily' || now - since < dayMs),
  )
  const [first] = tasks.toSorted((a, b) => a.since - b.since)
  if (first === undefined) return { since: null, isTurn: false, reason: whyNothing(situation) }
  const turn = tasks.find((task) => isTurn(task, { now, sinceLastMs }))
  const reason = `${shortRevision(revision)}: ${(turn ?? first).reason}`
  return { since: first.since, isTurn: turn !== undefined, reason }
}

/** Whether the date of the head matters: it does not where every recipe saw this head. */
export function needsDate({ revision, entries }: Pick<Situation, 'revision' | 'entries'>): boolean {
  return entries.length === 0 || entries.some(({ seen }) => seen.revision !== revision)
}

function headTasks(situation: Situation): Task[] {
  const { revision, entries, now } = situation
  const at = entries.filter(({ seen }) => seen.revision === revision)
  if (entries.length > 0 && at.length === entries.length) return []
  const dueAt = headDueAt(situation)
  if (at.length > 0) {
    const reason = `${entries.length - at.length} of ${entries.length} recipes have not seen this head`
    const since = Math.max(dueAt ?? 0, Math.min(...at.map((entry) => firstSeenAt(entry, now))))
    return [{ since, afterDay: 'never', reason }]
  }
  const since = dueAt ?? startOfHour(now)
  const reason = entries.length === 0 ? 'no recipe has seen anything yet' : 'no recipe has seen this head'
  return [{ since, afterDay: 'daily', reason }]
}

/**
 * From when a head is no longer left to the webhook; null where nothing says. A commit may be made long before it is
 * pushed: it became the head after what saw another head.
 */
function headDueAt({ revision, committedAt, movedAfter, entries, now }: Situation): number | null {
  const others = entries.filter(({ seen }) => seen.revision !== revision)
  const from = latest([committedAt, movedAfter, ...others.map(({ writtenAt }) => writtenAt)], now)
  return from === null ? null : from + graceMs
}

/**
 * When a recipe saw the head first. An entry whose wait doubles is written again each time: the waits before it add up
 * to an hour less than its own.
 */
function firstSeenAt({ seen, writtenAt }: SeenEntry, now: number): number {
  return (latest([writtenAt], now) ?? 0) - Math.max(0, seen.wait - hourMs)
}

function againTasks({ revision, entries }: Situation): Task[] {
  return entries.flatMap(({ seen }): Task[] => {
    if (seen.revision !== revision || seen.again === null) return []
    const reason = `it was ${seen.verdict}, to be checked again from ${seen.again.slice(0, 16)}Z`
    return [{ since: Date.parse(seen.again), afterDay: 'daily', reason }]
  })
}

function modelTasks({ moved, now }: Situation): Task[] {
  return moved.map(({ name, committedAt, movedAfter }) => ({
    since: Math.min(now, latest([committedAt, movedAfter], now) ?? startOfHour(now)),
    afterDay: 'daily',
    reason: `the base model ${name} has a new commit`,
  }))
}

/** The latest of the known dates. One in the future, beyond what clocks differ, says nothing. */
function latest(dates: readonly (number | null)[], now: number): number | null {
  const known = dates.flatMap((date) => (date === null || date > now + graceMs ? [] : [date]))
  return known.length === 0 ? null : Math.max(...known)
}

/** Stands for an unknown date: what is due since then is sent by the first look of each hour. */
function startOfHour(now: number): number {
  return now - (now % hourMs)
}

function isTurn(
  { since }: Pick<Task, 'since'>,
  { now, sinceLastMs }: Pick<Situation, 'now' | 'sinceLastMs'>,
): boolean {
  const age = now - since
  const stepMs = age >= dayMs ? dayMs : hourMs
  const before = age - sinceLastMs
  return before < 0 || Math.floor(age / stepMs) > Math.floor(before / stepMs)
}

function whyNothing(situation: Situation): string {
  const { revision, entries, now } = situation
  const name = shortRevision(revision)
  if (needsDate(situation) && (headDueAt(situation) ?? 0) > now) {
    return `${name} is new, and left to the webhook`
  }
  const next = entries.flatMap(({ seen }) => (seen.revision === revision ? (seen.again ?? []) : []))
  const [earliest] = next.toSorted()
  if (earliest !== undefined) return `${name} was seen, to be checked again from ${earliest.slice(0, 16)}Z`
  const behind = entries.filter(({ seen }) => seen.revision !== revision).length
  return behind === 0
    ? `${name} was seen, and nothing is left to do`
    : `${name} was seen; ${behind} of ${entries.length} recipes did not see it within a day, and are ignored`
}
