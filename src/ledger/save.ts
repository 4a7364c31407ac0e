import { Refused } from '../domain/verdict.ts'
import { type ClaimContext, tagName } from './claim.ts'
import { type Entry, TakenOver, UnreadableRecord } from './entry.ts'
import { changeRecord, type RecordChanges, writeRecord } from './record.ts'
import { readEntry } from './view.ts'

const saveTries = 3
const firstWaitMs = 1000

/**
 * Changes a record: makes a new tag object and lets the claim's ref hold it, if the ref still holds the
 * object of the entry. An unclear answer is resolved by reading the ref, and tried again while it holds the
 * old object.
 *
 * @throws TakenOver when another workflow run changed or deleted the claim in between
 */
export async function saveEntry(context: ClaimContext, entry: Entry, changes: RecordChanges): Promise<Entry> {
  const { git, view, clock, secrets } = context
  const { ref } = entry
  const record = changeRecord(entry.record, changes, clock.now())
  const message = writeRecord(record, secrets)
  const sha = await git.createTag({ tag: tagName(ref), message })
  let failure: unknown
  for (let tries = 1; ; tries++) {
    const held = await readHeld(context, entry, sha)
    if (held === sha) break
    if (held !== entry.sha) throw new TakenOver(ref, await readCurrent(context, ref, held))
    if (tries > saveTries) throw failure
    try {
      await git.updateRef(ref, sha)
      break
    } catch (error) {
      if (error instanceof Refused) throw error
      failure = error
    }
    await clock.sleep(firstWaitMs * tries)
  }
  view.wrote(ref, sha, message)
  return { ...entry, sha, record }
}

/** GitHub may show a ref as it was a moment ago: what nobody expected is looked at twice. */
async function readHeld({ git, clock }: ClaimContext, entry: Entry, sha: string): Promise<string | null> {
  const held = await git.readRef(entry.ref)
  if (held === sha || held === entry.sha) return held
  await clock.sleep(firstWaitMs)
  return await git.readRef(entry.ref)
}

async function readCurrent(context: ClaimContext, ref: string, sha: string | null): Promise<Entry | null> {
  if (sha === null) return null
  try {
    return await readEntry(context.view, { ref, sha })
  } catch (error) {
    if (error instanceof UnreadableRecord) return null
    throw error
  }
}
