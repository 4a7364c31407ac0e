import { readSeen, type Seen } from '../event/seen.ts'
import { type ClaimContext, createOrRead } from './claim.ts'

/**
 * Writes what was seen: created, and where it is there already updated by force. The same entry is not written again.
 *
 * @param options.ref of the entry
 * @returns whether anything was written
 */
export async function writeSeen(
  { git, view, clock }: ClaimContext,
  { ref, seen }: { ref: string; seen: Seen },
): Promise<boolean> {
  const held = view.refs.get(ref)
  const before = held === undefined ? null : readSeen(await view.message(held))
  if (JSON.stringify(before) === JSON.stringify(seen)) return false
  const message = `${JSON.stringify(seen, null, 2)}\n`
  const sha = await git.createTag({ tag: ref.replace(/^refs\//, ''), message })
  if (held !== undefined || (await createOrRead({ git, clock }, ref, sha)) !== sha)
    await git.updateRef(ref, sha)
  view.wrote(ref, sha, message)
  return true
}
