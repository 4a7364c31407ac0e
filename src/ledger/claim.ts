import { Refused } from '../domain/verdict.ts'
import type { GitData } from '../github/git-data.ts'
import type { Clock } from '../http/clock.ts'
import { mayStart } from './decide.ts'
import type { Entry } from './entry.ts'
import { type Claimant, newRecord, writeRecord } from './record.ts'
import { claimRef, dayRef } from './ref-names.ts'
import { readEntry, type View } from './view.ts'

/** How often the creation of a ref is tried while reading shows that it is not there. */
const createTries = 3
const firstWaitMs = 1000

/** What claims are made with. */
export interface ClaimContext {
  readonly git: GitData
  readonly view: View
  readonly key: string
  readonly clock: Clock
  readonly secrets: readonly string[]
}

/** Whose claim it is: ours, or another workflow run's, whose record that is. */
export type Claimed = { readonly owned: boolean; readonly entry: Entry }

/**
 * Claims an attempt at a revision by creating its ref, which succeeds for one workflow run only.
 *
 * @throws UnreadableRecord when another one has it and its record cannot be read
 */
export async function claimRevision(
  context: ClaimContext,
  options: { revision: string; attempt: number; nonce: string; claimant: Claimant },
): Promise<Claimed> {
  const { git, view, key, clock, secrets } = context
  const { revision, attempt, nonce, claimant } = options
  const ref = claimRef(key, revision, attempt)
  const record = newRecord(claimant, { recipe: key, revision, attempt, nonce, now: clock.now() })
  const message = writeRecord(record, secrets)
  const sha = await git.createTag({ tag: tagName(ref), message })
  const held = await createOrRead(context, ref, sha)
  if (held !== sha) return { owned: false, entry: await readEntry(view, { ref, sha: held }) }
  view.wrote(ref, sha, message)
  return { owned: true, entry: { ref, sha, record, slot: null } }
}

/**
 * Takes the first free slot of the day, in UTC, for a claim.
 *
 * @param max how many slots a day has
 * @returns the entry with its slot, or null when none is free
 */
export async function takeSlot(context: ClaimContext, entry: Entry, max: number): Promise<Entry | null> {
  const { view, key, clock } = context
  const date = new Date(clock.now()).toISOString().slice(0, 10)
  for (let n = 1; n <= max; n++) {
    const slot = dayRef(key, date, n)
    if (view.refs.has(slot)) continue
    const held = await createOrRead(context, slot, entry.sha)
    view.refs.set(slot, held)
    if (held === entry.sha) return { ...entry, slot }
  }
  return null
}

/**
 * Gives a claim and its slot back, when its run certainly never started. Only while nobody else may take the
 * claim over, since the ref could then be somebody else's by the time it is deleted: later, and when GitHub's
 * answer is unclear, the claim is left to be taken over.
 *
 * @returns whether it was given back
 */
export async function releaseClaim(context: ClaimContext, entry: Entry): Promise<boolean> {
  const { git, view, clock } = context
  const { ref, sha, record, slot } = entry
  if (!mayStart(record, clock.now()) || (await git.readRef(ref)) !== sha) return false
  for (const given of slot === null ? [ref] : [ref, slot]) {
    try {
      await git.deleteRef(given)
    } catch {
      return given !== ref
    }
    view.refs.delete(given)
  }
  return true
}

/**
 * Creates a ref and gives the object that it holds afterwards: ours, or that of whoever was first. Any answer
 * but success is resolved by reading, because the ref may have been created although the answer was lost.
 */
async function createOrRead(context: ClaimContext, ref: string, sha: string): Promise<string> {
  const { git, clock } = context
  for (let tries = 1; ; tries++) {
    try {
      await git.createRef(ref, sha)
      return sha
    } catch (error) {
      const held = await git.readRef(ref)
      if (held !== null) return held
      if (error instanceof Refused || tries === createTries) throw error
    }
    await clock.sleep(firstWaitMs * tries)
  }
}

/** The name inside the tag object; only for people. */
export function tagName(ref: string): string {
  return ref.replace(/^refs\//, '')
}
