import { Refused } from '../domain/verdict.ts'
import type { GitData } from '../github/git-data.ts'
import { RefExists } from '../github/git-data.ts'
import type { Clock } from '../http/clock.ts'
import { isAbandoned, isOverdue, mayStart } from './decide.ts'
import type { Entry } from './entry.ts'
import { type ClaimFacts, hasEnded, type LedgerRecord, newRecord, writeRecord } from './record.ts'
import { claimRef, dayRef, modelRef } from './ref-names.ts'
import { readEntry, type View } from './view.ts'

/** How often the creation of a ref is tried while reading shows that it is not there. */
const createTries = 3
const firstWaitMs = 1000

/** How long a replica may still answer 404 for a ref that GitHub says exists. */
const lagMs = 30_000
const lagPollMs = 2000

/** What claims are made with. */
export interface ClaimContext {
  readonly git: GitData
  readonly view: View
  readonly key: string
  readonly clock: Clock
  /** Replaces secrets in a text. */
  readonly hide: (text: string) => string
  readonly sha256: (text: string) => string
}

/** How a claim ended: it is ours, or why it is not. */
export type Claimed =
  | { readonly is: 'ours'; readonly entry: Entry }
  /** Another workflow run has the revision. */
  | { readonly is: 'taken'; readonly entry: Entry }
  /** The day's runs are used up. */
  | { readonly is: 'no-slot' }
  /** Another recipe trains a model of that name. */
  | { readonly is: 'name-taken'; readonly recipe: string | null; readonly workflowUrl: string | null }

/** What is to be claimed. */
export interface DraftOptions {
  readonly revision: string
  readonly attempt: number
  readonly nonce: string
  readonly facts: ClaimFacts
}

/** How it is to be claimed. */
export interface ClaimOptions extends DraftOptions {
  /** How many slots a day has. */
  readonly maxRunsPerDay: number
  /** Its record, where it is written already. */
  readonly draft?: Draft | null
}

/** A record that is written and that no ref shows yet: nothing is claimed. */
export interface Draft {
  /** Of the tag object that holds it. */
  readonly sha: string
  readonly record: LedgerRecord
  readonly message: string
}

/**
 * Writes the record of an attempt, before anything is claimed: this proves `contents: write`.
 *
 * @throws Refused when the token may not write
 */
export async function draftClaim(context: ClaimContext, options: DraftOptions): Promise<Draft> {
  const { git, key, clock, hide } = context
  const { revision, attempt, nonce, facts } = options
  const record = newRecord(facts, { recipe: key, revision, attempt, nonce, now: clock.now() })
  const message = writeRecord(record, hide)
  const tag = claimRef(key, revision, attempt).replace(/^refs\//, '')
  return { sha: await git.createTag({ tag, message }), record, message }
}

/**
 * Claims an attempt at a revision: three create-only refs at one tag object, sent together. What another has is
 * given back.
 *
 * @throws UnreadableRecord when another has it and its record cannot be read
 */
export async function claimAttempt(context: ClaimContext, options: ClaimOptions): Promise<Claimed> {
  const { git, view, key, sha256 } = context
  const { sha, record, message } = options.draft ?? (await draftClaim(context, options))
  const ref = claimRef(key, record.revision, record.attempt)
  const mine: Mine = { sha, record }
  // The Hub takes names that differ only in case for one.
  const name = record.model === null ? null : modelRef(sha256(record.model.toLowerCase()).slice(0, 16))
  const [claimed, slotted, named] = await Promise.allSettled([
    createOrRead(context, ref, sha),
    takeSlot(context, mine, options.maxRunsPerDay),
    name === null ? sha : createOrRead(context, name, sha),
  ])
  const newSlot = slotted.status === 'fulfilled' && slotted.value?.isNew ? [slotted.value.ref] : []
  const newName = name !== null && named.status === 'fulfilled' && named.value === sha ? [name] : []
  if (claimed.status === 'rejected') throw claimed.reason
  const claim = claimed.value
  const created = [...newSlot, ...newName, ref]
  if (slotted.status === 'rejected' || named.status === 'rejected') {
    if (claim === sha) await giveBack(context, created)
    const failed = [slotted, named].find(({ status }) => status === 'rejected')
    throw failed?.status === 'rejected' ? failed.reason : new Error('A ref of the claim was not created.')
  }
  const [slot, model] = [slotted.value, named.value]
  if (claim !== sha) {
    view.refs.set(ref, claim)
    const entry = await readEntry(view, { ref, sha: claim })
    // The owner may have found slot and name in this attempt's hands, and uses them: its own are not given back.
    const isSameDay = dayOf(entry.record) === dayOf(record)
    const isSameName = entry.record.model?.toLowerCase() === record.model?.toLowerCase()
    await giveBack(context, [...(isSameDay ? [] : newSlot), ...(isSameName ? [] : newName)])
    return { is: 'taken', entry }
  }
  const isNameMine = await isMine(context, model, mine)
  if (slot === null) {
    await giveBack(context, created)
    return { is: 'no-slot' }
  }
  if (!isNameMine) {
    const holder = await holderOf(context, model)
    if (name === null || holder !== null) {
      await giveBack(context, created)
      return { is: 'name-taken', recipe: holder?.recipe ?? null, workflowUrl: holder?.workflow.url ?? null }
    }
    await git.updateRef(name, sha)
  }
  view.wrote(ref, sha, message)
  view.refs.set(slot.ref, sha)
  return { is: 'ours', entry: { ref, sha, record, with: name === null ? [slot.ref] : [slot.ref, name] } }
}

/**
 * The record that holds a model's name, as it is now.
 *
 * @param sha the object of the name's ref
 * @returns null when its name is free: its attempt was given back, or has ended, as it has by its deadline even where
 *   no check records that any more
 */
async function holderOf({ git, view, clock }: ClaimContext, sha: string): Promise<LedgerRecord | null> {
  const first = await view.record(sha)
  if (first === null) return null
  const { recipe, revision, attempt } = first
  const claim = await git.readRef(claimRef(recipe, revision, attempt))
  // The claim was sent together with the name, and a replica may show it late.
  if (claim === null && !isAbandoned(first, clock.now())) return first
  const now = claim === null ? null : await view.record(claim)
  return now === null || hasEnded(now) || isOverdue(now, clock.now()) ? null : now
}

/**
 * Deletes the refs of a claim whose order was certainly never sent or was refused. Only while no other run may take
 * the claim over, since the ref could be another's by the time it is deleted.
 *
 * @returns whether the claim is gone
 */
export async function releaseClaim(context: ClaimContext, entry: Entry): Promise<boolean> {
  const { git, clock } = context
  const { ref, sha, record } = entry
  if (!mayStart(record, clock.now()) || (await git.readRef(ref)) !== sha) return false
  return giveBack(context, [...entry.with, ref])
}

/**
 * Deletes refs that this workflow run created. The claim comes last: whoever claims next must not find a slot or a name
 * that is about to be deleted.
 *
 * @returns whether the last is gone
 */
async function giveBack({ git, view }: ClaimContext, refs: readonly string[]): Promise<boolean> {
  let isGone = true
  for (const ref of refs) {
    try {
      await git.deleteRef(ref)
      view.refs.delete(ref)
      isGone = true
    } catch {
      isGone = false
    }
  }
  return isGone
}

/** The day of a claim, whose slots it uses: UTC, `YYYY-MM-DD`. */
function dayOf({ times }: LedgerRecord): string {
  return new Date(times.claimed).toISOString().slice(0, 10)
}

interface Mine {
  readonly sha: string
  readonly record: LedgerRecord
}

/**
 * Takes the first free slot of the day (UTC).
 *
 * @returns null when none is free; `isNew` is false for a slot that an earlier try at the same attempt left
 */
async function takeSlot(
  context: ClaimContext,
  mine: Mine,
  max: number,
): Promise<{ ref: string; isNew: boolean } | null> {
  const { view, key } = context
  const date = dayOf(mine.record)
  const ofDay = Array.from({ length: max }, (_, index) => view.refs.get(dayRef(key, date, index + 1)) ?? [])
  await view.prefetch(ofDay.flat())
  for (let n = 1; n <= max; n++) {
    const ref = dayRef(key, date, n)
    const listed = view.refs.get(ref)
    const held = listed ?? (await createOrRead(context, ref, mine.sha))
    view.refs.set(ref, held)
    if (held === mine.sha) return { ref, isNew: true }
    if (await isMine(context, held, mine)) return { ref, isNew: false }
  }
  return null
}

/** Whether an object names the attempt that is claimed, whatever its nonce: an earlier try at it left it. */
async function isMine({ view }: ClaimContext, sha: string, { sha: own, record }: Mine): Promise<boolean> {
  if (sha === own) return true
  const held = await view.record(sha)
  return (
    held !== null &&
    held.recipe === record.recipe &&
    held.revision === record.revision &&
    held.attempt === record.attempt
  )
}

/**
 * Creates a ref and returns the object that it holds afterwards: ours, or that of the run that was first. An unclear
 * answer is resolved by reading, because the ref may have been created although the answer was lost.
 */
export async function createOrRead(
  context: Pick<ClaimContext, 'git' | 'clock'>,
  ref: string,
  sha: string,
): Promise<string> {
  const { git, clock } = context
  for (let tries = 1; ; tries++) {
    try {
      await git.createRef(ref, sha)
      return sha
    } catch (error) {
      const held = error instanceof RefExists ? await readThroughLag(context, ref) : await git.readRef(ref)
      if (held !== null) return held
      // Where the other gave it back meanwhile, the next try creates it.
      if (error instanceof Refused || tries === createTries) throw error
    }
    await clock.sleep(firstWaitMs * tries)
  }
}

/** A ref that exists, and that a replica may not show yet. */
async function readThroughLag(
  { git, clock }: Pick<ClaimContext, 'git' | 'clock'>,
  ref: string,
): Promise<string | null> {
  const end = clock.now() + lagMs
  for (;;) {
    const held = await git.readRef(ref)
    if (held !== null || clock.now() >= end) return held
    await clock.sleep(lagPollMs)
  }
}
