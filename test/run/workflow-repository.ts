import { createHash } from 'node:crypto'
import type { Recipe } from '../../src/domain/recipe.ts'
import { seenRef } from '../../src/event/seen.ts'
import { type Ledger, type LedgerKeys, openLedger, type RecipeLedger } from '../../src/ledger/ledger.ts'
import { recipeFamily, recipeKey } from '../../src/recipe/recipe-key.ts'
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts'
import { type GitStore, gitStore } from '../sandbox/github/git-store.ts'
import { type SandboxGitHub, startGitHub } from '../sandbox/github/github.ts'

export const minute = 60_000

const repository = 'acme/retrain'
const token = 'ghs_writes_the_ledger'

/** The workflow's repository on a sandbox GitHub, and its ledger as each workflow run opens it. */
export interface WorkflowRepository {
  readonly github: SandboxGitHub
  readonly clock: FakeClock
  readonly git: GitStore
  /** Opens the ledger as another workflow run does. */
  open(platformFetch?: typeof fetch): Ledger
  /** The ledger of a recipe, read anew. */
  ledgerOf(recipe: Recipe): Promise<RecipeLedger>
  /** The names of its refs. */
  refs(): string[]
}

/** What identifies a recipe in the ledger. */
async function keysOf(recipe: Recipe): Promise<LedgerKeys> {
  const key = recipeKey(recipe)
  const { inputDataset: dataset, ref } = recipe
  return { key, family: recipeFamily(recipe), seenRef: await seenRef({ dataset, ref, key }) }
}

/** Starts a GitHub with the repository. */
export async function startRepository(): Promise<WorkflowRepository> {
  const clock = createFakeClock(Date.UTC(2026, 0, 2, 12))
  const github = await startGitHub({
    now: clock.now,
    repositories: [{ name: repository, tokens: { [token]: { contents: 'write' } } }],
  })
  const [home] = github.repositories
  if (home === undefined) throw new Error('The sandbox GitHub has no repository.')
  const git = gitStore(home)
  let nonces = 0
  const open = (platformFetch: typeof fetch = fetch) =>
    openLedger({
      repository,
      token,
      apiUrl: github.url,
      commit: home.headSha,
      platformFetch,
      clock,
      randomBytes: (count) => {
        nonces += 1
        return new Uint8Array(createHash('sha256').update(`nonce ${nonces}`).digest().subarray(0, count))
      },
    })
  return {
    github,
    clock,
    git,
    open,
    ledgerOf: async (recipe) => open().recipe(await keysOf(recipe)),
    refs: () => [...git.refs.keys()].filter((ref) => ref.startsWith('refs/auto-retrain/')),
  }
}
