import type { Seen } from '../../../src/event/seen.ts'
import { seenRef } from '../../../src/event/seen.ts'
import type { Environment } from '../../../src/relay/settings/settings.ts'
import { addTag, gitStore } from '../../sandbox/github/git-store.ts'
import { type SandboxGitHub, startGitHub } from '../../sandbox/github/github.ts'
import { noLimits } from '../../sandbox/github/github-rate-limit.ts'
import { findRepository } from '../../sandbox/github/github-repositories.ts'
import { MAIN, resolveRevision } from '../../sandbox/hub/git/repositories.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { hour, seenOf } from './situation.ts'

export const secret = 'c0ffee00c0ffee00c0ffee00c0ffee17'
export const relayToken = 'github_pat_RelayReadsAndDispatches0017'
export const hubToken = 'hf_AdaReadsWhatIsPrivateWithThis17'
export const repository = 'acme/retrain'
export const otherRepository = 'acme/other'
export const dataset = 'acme/digits'
export const otherDataset = 'acme/letters'

/** What a recipe saw, and where it is written. */
interface Written {
  readonly repository?: string
  readonly dataset?: string
  readonly ref?: string
  readonly key?: string
  /** Milliseconds since the epoch. @default now */
  readonly at?: number
  /** In place of the entry. */
  readonly message?: string
}

/** A Hub with two datasets, and a GitHub with two repositories, for a relay that reconciles. */
export interface ReconcileSandbox {
  readonly hub: SandboxHub
  readonly github: SandboxGitHub
  /** Milliseconds since the epoch, as the Hub and GitHub see it. */
  now(): number
  /** Lets time pass at the Hub and at GitHub. */
  pass(ms: number): void
  /** The head of a branch of a dataset or a model. */
  headOf(name: string, options?: { type?: 'dataset' | 'model'; ref?: string }): string
  /** Writes what a recipe saw: by default that the head has its verdict, and nothing is left to do. */
  write(seen?: Partial<Seen>, where?: Written): Promise<void>
  /** Forgets the requests and dispatches so far. */
  forget(): void
  /** The methods and paths of the requests so far, without their hosts. */
  calls(server: 'hub' | 'github'): string[]
  /** The relay's environment, with changes. */
  environment(change?: Environment): Environment
  close(): Promise<void>
}

/**
 * Starts the sandbox.
 *
 * @param options.now what the Hub and GitHub see, in milliseconds since the epoch; by default the machine's time. The
 *   datasets are an hour old
 * @param options.isPrivate whether the first dataset is private
 */
export async function startReconcileSandbox(
  options: { now?: () => number; isPrivate?: boolean } = {},
): Promise<ReconcileSandbox> {
  const { now: given = Date.now, isPrivate = false } = options
  let shiftMs = -hour
  const now = () => given() + shiftMs
  const hub = await startHub({ now: () => new Date(now()), quotas: { api: 1e9, resolvers: 1e9, pages: 1e9 } })
  hub.addUser({ name: 'ada', token: hubToken, orgs: ['acme'] })
  hub.createDataset({ name: dataset, private: isPrivate, files: { 'train/0/a.txt': 'zero' } })
  hub.createDataset({ name: otherDataset, files: { 'train/a/a.txt': 'a' } })
  const tokens = { [relayToken]: { contents: 'write', metadata: 'read' } } as const
  const github = await startGitHub({
    repositories: [repository, otherRepository].map((name) => ({ name, private: true, tokens })),
    limits: noLimits,
    now,
  })
  shiftMs = 0
  const headOf: ReconcileSandbox['headOf'] = (name, { type = 'dataset', ref = MAIN } = {}) =>
    resolveRevision(hub.repository(name, type), ref).sha
  return {
    hub,
    github,
    now,
    headOf,
    pass(ms) {
      shiftMs += ms
    },
    async write(seen = {}, where = {}) {
      const {
        repository: to = repository,
        dataset: of = dataset,
        ref = MAIN,
        key = 'acme-vision-00000001',
      } = where
      const found = findRepository(github.repositories, to)
      if (found === undefined) throw new Error(`The sandbox has no repository ${to}.`)
      const { message = JSON.stringify(seenOf({ revision: headOf(of, { ref }), ...seen })), at = now() } =
        where
      const store = gitStore(found)
      const tag = addTag(store, { tag: 'seen', message, object: { type: 'commit', sha: found.headSha } }, at)
      store.refs.set(await seenRef({ dataset: of, ref, key }), tag.sha)
    },
    forget() {
      hub.requests.length = 0
      github.requests.length = 0
      github.dispatches.length = 0
    },
    calls: (server) =>
      (server === 'hub' ? hub : github).requests.map(({ method, path }) => `${method} ${path}`),
    environment: (change = {}) => ({
      WEBHOOK_SECRET: secret,
      GITHUB_TOKEN: relayToken,
      GITHUB_API_URL: github.url,
      HF_ENDPOINT: hub.url,
      HOST: '127.0.0.1',
      PORT: '0',
      ...(change.RELAY_ROUTES === undefined && { GITHUB_REPOSITORY: repository, INPUT_DATASET: dataset }),
      ...change,
    }),
    async close() {
      await Promise.all([hub.close(), github.close()])
    },
  }
}

/** RELAY_ROUTES. */
export const routes = (...all: object[]): Environment => ({ RELAY_ROUTES: JSON.stringify(all) })
