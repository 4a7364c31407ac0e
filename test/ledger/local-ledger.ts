import { createHash } from 'node:crypto'
import type { Entry } from '../../src/ledger/entry.ts'
import { type Ledger, type LedgerKeys, openLedger, type RecipeLedger } from '../../src/ledger/ledger.ts'
import type { ClaimFacts, LedgerRecord, RecordFacts, RecordState } from '../../src/ledger/record.ts'
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts'
import { type GitStore, gitStore } from '../sandbox/github/git-store.ts'
import { type SandboxGitHub, startGitHub } from '../sandbox/github/github.ts'

export const repository = 'acme/retrain'
export const key = 'acme-vision-12345678'
export const token = 'ghs_a_token_that_must_not_leak'
export const start = Date.UTC(2026, 0, 2, 12)
export const minute = 60_000
export const day = 24 * 60 * minute

/** A full sha made from a word. */
export function revisionOf(word: string): string {
  return createHash('sha1').update(word).digest('hex')
}

export function workflow(runId: string, runAttempt = 1): ClaimFacts['workflow'] {
  return { runId, runAttempt, url: `https://github.test/acme/retrain/actions/runs/${runId}` }
}

/** The facts about data whose digest is made from a word. */
export function dataOf(word: string): NonNullable<LedgerRecord['data']> {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  return { digest: hash(word), rules: hash('rules'), files: 3, bytes: 300, classes: null, classCount: 2 }
}

/** What a claim says; every test changes what it is about. */
export function factsOf(change: Partial<ClaimFacts> = {}): ClaimFacts {
  return {
    atHead: true,
    automatic: true,
    trigger: 'dispatch',
    deliveryId: 'msg_1',
    workflow: workflow('100'),
    trainer: 'job',
    project: 'vision-abc1234',
    model: null,
    modelHead: null,
    costEstimate: 0.8,
    deadline: new Date(start + 200 * minute).toISOString(),
    data: dataOf('a'),
    howItRuns: 'as it is',
    whatItMakes: 'a model',
    baseModel: null,
    dataset: { id: 'hub-id-1', family: 'family-1' },
    publishTo: null,
    ...change,
  }
}

export const run = { id: 'job-1', url: 'https://hub.test/jobs/acme/job-1' }

/** What identifies a recipe in these tests. */
export function keysOf(ofKey = key): LedgerKeys {
  return { key: ofKey, family: 'family-1', seenRef: `refs/auto-retrain/seen/0123456789abcdef/${ofKey}` }
}

/** A sandbox GitHub with one repository, and ledgers in it as several workflow runs would open them. */
export interface LocalLedger {
  readonly github: SandboxGitHub
  readonly clock: FakeClock
  readonly git: GitStore
  /** Opens the ledger, as another workflow run does. */
  ledger(change?: Partial<Parameters<typeof openLedger>[0]>): Ledger
  /** Opens the recipe's ledger again, as another workflow run does. */
  open(change?: Partial<Parameters<typeof openLedger>[0]>, ofKey?: string): Promise<RecipeLedger>
  /** Method and path of each request to GitHub, without the repository. */
  calls(): string[]
  /** The names of the recipe's refs, without the prefix and the key. */
  refs(): string[]
  /** The names of all refs of the ledger, without its prefix. */
  allRefs(): string[]
  /** Replaces the message of the object that a ref of the recipe holds. */
  damage(name: string, message: string): void
}

let nonces = 0

export async function startLocalLedger(
  options: Pick<Parameters<typeof startGitHub>[0], 'limits' | 'skewMs'> = {},
): Promise<LocalLedger> {
  const clock = createFakeClock(start)
  const github = await startGitHub({
    ...options,
    now: clock.now,
    repositories: [
      { name: repository, tokens: { [token]: { contents: 'write' }, ghs_reader: { contents: 'read' } } },
      { name: 'acme/empty', headSha: '', tokens: { [token]: { contents: 'write' } } },
    ],
  })
  const [home] = github.repositories
  if (home === undefined) throw new Error('The sandbox GitHub has no repository.')
  const git = gitStore(home)
  const ledger: LocalLedger['ledger'] = (change = {}) =>
    openLedger({
      repository,
      token,
      apiUrl: github.url,
      commit: home.headSha,
      platformFetch: fetch,
      clock,
      randomBytes: (count) => {
        nonces += 1
        return new Uint8Array(createHash('sha256').update(`nonce ${nonces}`).digest().subarray(0, count))
      },
      ...change,
    })
  const allRefs = () =>
    [...git.refs.keys()]
      .filter((ref) => ref.startsWith('refs/auto-retrain/'))
      .map((ref) => ref.slice('refs/auto-retrain/'.length))
      .sort()
  return {
    github,
    clock,
    git,
    ledger,
    open: (change = {}, ofKey = key) => ledger(change).recipe(keysOf(ofKey)),
    calls: () =>
      github.requests.map(({ method, path }) => `${method} ${path.replace(`/repos/${repository}/git/`, '')}`),
    allRefs,
    refs: () => allRefs().flatMap((ref) => (ref.startsWith(`${key}/`) ? [ref.slice(key.length + 1)] : [])),
    damage(name, message) {
      const sha = git.refs.get(`refs/auto-retrain/${key}/${name}`) ?? ''
      const tag = git.tags.get(sha)
      if (tag === undefined) throw new Error(`${name} holds no tag object.`)
      git.tags.set(sha, { ...tag, message })
    },
  }
}

/** Claims an attempt that nobody else has. */
export async function claim(
  ledger: RecipeLedger,
  options: { revision: string; attempt?: number; facts?: Partial<ClaimFacts>; maxRunsPerDay?: number },
): Promise<Entry> {
  const { revision, attempt = 1, maxRunsPerDay = 99 } = options
  const claimed = await ledger.claim({ revision, attempt, maxRunsPerDay, facts: factsOf(options.facts) })
  if (claimed.is !== 'ours') throw new Error(`The claim on ${revision} is not ours: ${claimed.is}.`)
  return claimed.entry
}

/** How an attempt goes on after its claim, each step a transition. */
export type Steps = readonly (readonly [to: RecordState, facts?: RecordFacts])[]

export const startsAndSucceeds: Steps = [
  ['started', { run, began: true }],
  ['succeeded', { metrics: { accuracy: 0.9 }, cost: 0.5 }],
]

export const startsAndFails: Steps = [
  ['started', { run, began: true }],
  ['failed', { cause: 'training', reason: 'out of luck', cost: 0.5 }],
]

export const starts: Steps = [['started', { run, began: true }]]

/** Claims, and takes the attempt through its states; it succeeds unless told otherwise. */
export async function train(
  ledger: RecipeLedger,
  options: { revision: string; attempt?: number; facts?: Partial<ClaimFacts>; steps?: Steps },
): Promise<Entry> {
  const { steps = startsAndSucceeds, ...rest } = options
  let entry = await claim(ledger, rest)
  for (const [to, facts] of steps) entry = await ledger.save(entry, to, facts)
  return entry
}

/** The newest attempt at a revision, as another workflow run reads it. */
export async function latestOf(local: LocalLedger, revision: string): Promise<LedgerRecord | null> {
  return (await (await local.open()).attempts(revision)).at(-1)?.record ?? null
}
