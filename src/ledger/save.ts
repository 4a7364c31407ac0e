import { Refused } from '../domain/verdict.ts'
import { type ClaimContext, tagName } from './claim.ts'
import { type Entry, TakenOver, UnreadableRecord } from './entry.ts'
import { changeRecord, type RecordChanges, writeRecord } from './record.ts'
import { readEntry } from './view.ts'

const saveTries = 3
const firstDelayMs = 1000

/**
 * Changes a record: creates a new tag object and points the claim's ref to it, if the ref still points to the object of
 * the entry. After an unclear answer it reads the ref, and tries again while the ref points to the old object.
 *
 * @throws TakenOver when another workflow run has changed or deleted the claim
 */
export async function saveEntry(context: ClaimContext, entry: Entry, changes: RecordChanges): Promise<Entry> {
  const { git, view, clock, secrets } = context
  const { ref } = entry
  const record = changeRecord(entry.record, changes, clock.now())
  const message = writeRecord(record, secrets)
  const sha = await git.createTag({ tag: tagName(ref), message })
  let failure: unknown
  for (let tries = 1; ; tries++) {
    const held = await readRefTwice(context, entry, sha)
    if (held === sha) break
    if (held !== entry.sha) throw new TakenOver(ref, await readCurrentEntry(context, ref, held))
    if (tries > saveTries) throw failure
    try {
      await git.updateRef(ref, sha)
      break
    } catch (error) {
      if (error instanceof Refused) throw error
      failure = error
    }
    await clock.sleep(firstDelayMs * tries)
  }
  view.noteWrite(ref, sha, message)
  return { ...entry, sha, record }
}

/** GitHub may show an outdated ref, so an unexpected object is read a second time. */
async function readRefTwice({ git, clock }: ClaimContext, entry: Entry, sha: string): Promise<string | null> {
  const held = await git.readRef(entry.ref)
  if (held === sha || held === entry.sha) return held
  await clock.sleep(firstDelayMs)
  return await git.readRef(entry.ref)
}

async function readCurrentEntry(
  context: ClaimContext,
  ref: string,
  sha: string | null,
): Promise<Entry | null> {
  if (sha === null) return null
  try {
    return await readEntry(context.view, { ref, sha })
  } catch (error) {
    if (error instanceof UnreadableRecord) return null
    throw error
  }
}
