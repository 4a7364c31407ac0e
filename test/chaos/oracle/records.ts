import { type LedgerRecord, readRecord } from '../../../src/ledger/record.ts'
import { claimRef } from '../../../src/ledger/ref-names.ts'
import { type GitStore, gitStore } from '../../sandbox/github/git-store.ts'
import { names, type World } from '../../sandbox/world.ts'
import type { PaidStart } from '../provider/books.ts'

/** Attempts at one revision; people do not press Run so often. */
const maxAttempts = 40

/** The git database of the workflow's repository. */
export function storeOf({ github }: Pick<World, 'github'>): GitStore {
  const repository = github.repositories.find(({ name }) => name === names.repository)
  if (repository === undefined) throw new Error('The world has no repository for the workflow.')
  return gitStore(repository)
}

/** The record of a start as the ledger has it now; null when it has none. */
export function recordOf(
  { refs, tags }: Pick<GitStore, 'refs' | 'tags'>,
  { key, revision, nonce }: Pick<PaidStart, 'key' | 'revision' | 'nonce'>,
): LedgerRecord | null {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const sha = refs.get(claimRef(key, revision, attempt))
    const message = sha === undefined ? undefined : tags.get(sha)?.message
    const record = message?.includes(nonce) ? readRecord(message) : null
    if (record?.nonce === nonce) return record
  }
  return null
}
