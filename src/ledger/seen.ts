import { isSameText } from '../domain/text/clean.ts'
import { cutText } from '../domain/text/cut.ts'
import { readSeen, type Seen, seenPrefix } from '../event/seen.ts'
import { type ClaimContext, createOrRead } from './claim.ts'
import type { View } from './view.ts'

/** Entries that one run removes: more are left over only after a big change of the config. */
const maxRemoved = 10

/** The rest of a longer reason is cut off, in characters. */
const maxReason = 1000

/**
 * Writes what was seen: created, and where it is there already updated by force. The same entry is not written again.
 *
 * @param options.ref of the entry
 * @param options.seen its reason is written without secrets and not longer than 1,000 characters
 * @returns whether anything was written
 */
export async function writeSeen(
  { git, view, clock, hide }: ClaimContext,
  { ref, seen: given }: { ref: string; seen: Seen },
): Promise<boolean> {
  const seen = { ...given, reason: cutText(hide(given.reason), maxReason) }
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

/** The objects of all entries, of whatever workflow. */
export function seenObjects({ refs }: View): string[] {
  return [...refs].flatMap(([ref, sha]) => (ref.startsWith(seenPrefix) ? [sha] : []))
}

/**
 * Removes the entries of recipes that a config does not have any more: a reconciler would go by them for ever. Only
 * those of the same workflow and config path, whose objects were read already. Failures are left to the next run.
 *
 * @param options.keep the refs of the entries of the config's recipes
 * @returns how many were removed
 */
export async function removeSeen(
  { git, view }: Pick<ClaimContext, 'git' | 'view'>,
  { workflow, config, keep }: { workflow: string; config: string; keep: ReadonlySet<string> },
): Promise<number> {
  const left = [...view.refs].filter(([ref, sha]) => {
    if (!ref.startsWith(seenPrefix) || keep.has(ref)) return false
    const seen = readSeen(view.known.get(sha) ?? null)
    return seen !== null && seen.workflow === workflow && isSameText(seen.config ?? '', config)
  })
  let removed = 0
  for (const [ref] of left.slice(0, maxRemoved)) {
    const isGone = await git.deleteRef(ref).then(
      () => true,
      () => false,
    )
    if (!isGone) break
    view.refs.delete(ref)
    removed += 1
  }
  return removed
}
