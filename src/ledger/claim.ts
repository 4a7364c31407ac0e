import { Refused } from '../domain/verdict.ts'
import type { GitData } from '../github/git-data.ts'
import type { Clock } from '../http/clock.ts'
import { mayStart } from './decide.ts'
import type { Entry } from './entry.ts'
import { type Claimant, newRecord, writeRecord } from './record.ts'
import { claimRef, dayRef } from './ref-names.ts'
import { readEntry, type View } from './view.ts'

/** How often to try to create a ref that reading shows to be missing. */
const createTries = 3
const firstDelayMs = 1000

/** What the functions of claims work with. */
export interface ClaimContext {
  readonly git: GitData
  readonly view: View
  readonly key: string
  readonly clock: Clock
  readonly secrets: readonly string[]
}

/** A claim on an attempt: `owned` by this workflow run, or the entry of the workflow run that has it. */
export type Claimed = { readonly owned: boolean; readonly entry: Entry }

/**
 * Claims an attempt at a revision by creating its ref, which succeeds for one workflow run only.
 *
 * @throws UnreadableRecord when another workflow run has the claim and its record cannot be read
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
  view.noteWrite(ref, sha, message)
  return { owned: true, entry: { ref, sha, record, slot: null } }
}

/**
 * Takes the first free slot of the current day (UTC) for a claim.
 *
 * @param max the number of slots of a day
 * @returns the entry with its slot; null when no slot is free
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
 * Deletes a claim and its slot when its run certainly never started. It does so only while no other workflow run may take
 * the claim over, since the ref could belong to another one by the time it is deleted. Later, and when GitHub's answer is
 * unclear, the claim stays and can be taken over.
 *
 * @returns whether the claim was deleted
 */
export async function releaseClaim(context: ClaimContext, entry: Entry): Promise<boolean> {
  const { git, view, clock } = context
  const { ref, sha, record, slot } = entry
  if (!mayStart(record, clock.now()) || (await git.readRef(ref)) !== sha) return false
  for (const name of slot === null ? [ref] : [ref, slot]) {
    try {
      await git.deleteRef(name)
    } catch {
      return name !== ref
    }
    view.refs.delete(name)
  }
  return true
}

/**
 * Creates a ref and returns the object that it points to afterwards: the given one, or that of the workflow run that was
 * first. After any answer but success it reads the ref, which may have been created although the answer was lost.
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
    await clock.sleep(firstDelayMs * tries)
  }
}

/** The name inside the tag object, for people only. */
export function tagName(ref: string): string {
  return ref.replace(/^refs\//, '')
}
