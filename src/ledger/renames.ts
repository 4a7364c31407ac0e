import { type ClaimContext, createOrRead } from './claim.ts'
import { newestSlot, recentAttempts } from './history.ts'
import { hasEnded, type LedgerRecord } from './record.ts'
import { ledgerPrefix, renamedRef } from './ref-names.ts'
import type { View } from './view.ts'

/** The key that a recipe left in its new key's place when its dataset was renamed; null when there is none. */
export async function renamedFrom({ view, key }: Pick<ClaimContext, 'view' | 'key'>): Promise<string | null> {
  const held = view.refs.get(renamedRef(key))
  const name = held === undefined ? null : await view.message(held)
  return name === null ? null : name.trim()
}

/** The prefix of the refs of all recipes whose namespace and prefix are those of a key. */
export function siblingPrefix(key: string): string {
  return `${ledgerPrefix}${key.replace(/-[0-9a-f]{8}$/, '')}-`
}

/**
 * Looks for the recipe under the name that its dataset had before: a sibling (same namespace and prefix) whose newest
 * attempt has the same dataset id and the same family. It is written down, so that no later run searches again.
 *
 * @param options.all lists the refs of all siblings
 * @param options.family a hash of the key without the dataset's name
 * @param options.datasetId the Hub's id of the dataset, which survives a rename
 * @returns the key of the sibling; null when there is none
 */
export async function findSibling(
  context: ClaimContext,
  { all, family, datasetId }: { all: View; family: string; datasetId: string },
): Promise<string | null> {
  const { git, key } = context
  const slots = siblingsOf(key, all).flatMap((sibling) => {
    const sha = newestSlot(all, sibling)
    return sha === null ? [] : [{ sibling, sha }]
  })
  await all.prefetch(slots.map(({ sha }) => sha))
  for (const { sibling, sha } of slots) {
    const record = await all.record(sha)
    if (record?.dataset?.id !== datasetId || record.dataset.family !== family) continue
    const ref = renamedRef(key)
    const tag = await git.createTag({ tag: ref.replace(/^refs\//, ''), message: `${sibling}\n` })
    await createOrRead(context, ref, tag)
    return sibling
  }
  return null
}

/** The keys of all recipes with a key's namespace and prefix, but for the key itself. */
function siblingsOf(key: string, all: View): string[] {
  const prefix = siblingPrefix(key)
  const keys = [...all.refs.keys()].flatMap((ref) => {
    const [name = ''] = ref.slice(ledgerPrefix.length).split('/')
    return ref.startsWith(prefix) && siblingPrefix(name) === prefix && name !== key ? name : []
  })
  return [...new Set(keys)]
}

/** A recipe that was edited has a new key; of each older one, so many of its newest attempts are looked at. */
const maxLeft = 5

/**
 * The attempts that a recipe left open under other keys: its dataset, namespace and prefix are the same, and what makes
 * it another recipe was edited. Its checks do not ask about them any more.
 *
 * @param options.all lists the refs of all siblings
 * @param options.datasetId the Hub's id of the dataset
 * @param options.others the keys of recipes that are in use, whose own checks ask
 */
export async function leftOpen(
  { key }: Pick<ClaimContext, 'key'>,
  { all, datasetId, others }: { all: View; datasetId: string; others: ReadonlySet<string> },
): Promise<LedgerRecord[]> {
  const keys = siblingsOf(key, all).filter((sibling) => !others.has(sibling))
  // A record that cannot be read concerns the checks of its own recipe.
  const recent = await Promise.all(
    keys.map((sibling) => recentAttempts(all, sibling, { max: maxLeft }).catch(() => [])),
  )
  return recent
    .flat()
    .map(({ record }) => record)
    .filter((record) => !hasEnded(record) && record.dataset?.id === datasetId)
}
