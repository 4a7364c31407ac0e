import { createHash } from 'node:crypto'
import type { Entry } from '../../src/ledger/entry.ts'
import { openLedger, type RecipeLedger } from '../../src/ledger/ledger.ts'
import type { Claimant } from '../../src/ledger/record.ts'
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts'
import { type GitStore, gitStore } from '../sandbox/github/git-store.ts'
import { type SandboxGitHub, startGitHub } from '../sandbox/github/github.ts'

export const repository = 'acme/retrain'
export const key = 'acme-vision-12345678'
export const token = 'ghs_a_token_that_must_not_leak'
export const start = Date.UTC(2026, 0, 2, 12)
export const minute = 60_000

/** A full sha made from a word. */
export function revisionOf(word: string): string {
  return createHash('sha1').update(word).digest('hex')
}

export function claimant(change: Partial<Claimant> = {}): Claimant {
  return {
    atHead: true,
    deliveryId: 'msg_1',
    trigger: 'dispatch',
    workflow: { runId: '100', runAttempt: 1, url: 'https://github.test/acme/retrain/actions/runs/100' },
    trainer: 'job',
    project: 'vision-abc1234',
    costEstimate: 0.8,
    ...change,
  }
}

export function workflow(runId: string, runAttempt = 1): Claimant['workflow'] {
  return { runId, runAttempt, url: `https://github.test/acme/retrain/actions/runs/${runId}` }
}

export const run = { id: 'job-1', url: 'https://hub.test/jobs/acme/job-1' }

/** A sandbox GitHub with one repository, and ledgers in it as several workflow runs would open them. */
export interface LocalLedger {
  readonly github: SandboxGitHub
  readonly clock: FakeClock
  readonly git: GitStore
  /** Opens the recipe's ledger again, as another workflow run does. */
  open(change?: Partial<Parameters<typeof openLedger>[0]>, ofKey?: string): Promise<RecipeLedger>
  /** Method and path of each request to GitHub, without the repository. */
  calls(): string[]
  /** The names of the ledger's refs, without the prefix and the key. */
  refs(): string[]
}

let nonces = 0

export async function startLocalLedger(): Promise<LocalLedger> {
  const clock = createFakeClock(start)
  const github = await startGitHub({
    now: clock.now,
    repositories: [
      { name: repository, tokens: { [token]: { contents: 'write' }, ghs_reader: { contents: 'read' } } },
      { name: 'acme/empty', headSha: '', tokens: { [token]: { contents: 'write' } } },
    ],
  })
  const git = gitStore(github.repositories[0]!)
  return {
    github,
    clock,
    git,
    open: (change = {}, ofKey = key) =>
      openLedger({
        repository,
        token,
        apiUrl: github.url,
        commit: github.repositories[0]!.headSha,
        platformFetch: fetch,
        clock,
        randomBytes: (count) => {
          nonces += 1
          return new Uint8Array(createHash('sha256').update(`nonce ${nonces}`).digest().subarray(0, count))
        },
        ...change,
      }).recipe(ofKey),
    calls: () =>
      github.requests.map(({ method, path }) => `${method} ${path.replace(`/repos/${repository}/git/`, '')}`),
    refs: () =>
      [...git.refs.keys()]
        .filter((ref) => ref.startsWith(`refs/auto-retrain/${key}/`))
        .map((ref) => ref.slice(`refs/auto-retrain/${key}/`.length))
        .sort(),
  }
}

/** Claims, takes a slot and saves, as a run does; the record ends as the changes say. */
export async function train(
  ledger: RecipeLedger,
  options: { revision: string; attempt?: number; claimant?: Partial<Claimant>; changes?: object },
): Promise<Entry> {
  const { revision, attempt = 1, changes = { run, verdict: 'succeeded' } } = options
  const claimed = await ledger.claim({ revision, attempt, claimant: claimant(options.claimant) })
  if (!claimed.owned) throw new Error(`Another workflow run has claimed ${revision}.`)
  const entry = await ledger.takeDaySlot(claimed.entry, 99)
  if (entry === null) throw new Error('The day has no slot left.')
  return Object.keys(changes).length === 0 ? entry : await ledger.save(entry, changes)
}
