import { fileURLToPath } from 'node:url'
import { startRelayProcess } from '../relay/program.ts'
import {
  type ClassicAutoTrain,
  type ClassicOptions,
  startClassicAutoTrain,
} from './autotrain-classic/start.ts'
import { type SandboxGitHub, startGitHub } from './github/github.ts'
import { type Limits, noLimits } from './github/github-rate-limit.ts'
import type { HubOptions } from './hub/hub.ts'
import { type SandboxHub, startHub } from './hub/start.ts'
import { type RunnerOptions, type SandboxRunner, startRunner } from './runner/runner.ts'

/** The names and secrets that a world begins with. */
export const names = {
  user: 'ada',
  org: 'acme',
  dataset: 'acme/digits',
  model: 'microsoft/resnet-50',
  repository: 'acme/retrain',
  hubToken: 'hf_AdaWritesToTheHubWithThis0001',
  relayToken: 'github_pat_RelayDispatchesWithThis0002',
  webhookSecret: 'c0ffee00c0ffee00c0ffee00c0ffee03',
} as const

/** How a world may differ from its defaults. */
export interface WorldOptions {
  hub?: HubOptions
  autotrain?: Omit<ClassicOptions, 'hub'>
  /** Milliseconds since the epoch, for the Hub and GitHub. @default the real clock */
  now?: () => number
  /** More, or other, options of the runner. */
  runner?: Partial<Omit<RunnerOptions, 'github'>>
  /** GitHub's rate limits; `{}` for its own numbers. @default none, since a world is for long simulations */
  githubLimits?: Limits
  /** The id of the workflow's repository, by which a copy of it can be told apart. @default made from its name */
  repositoryId?: number
  /** Whether the workflow's repository is private. @default false */
  privateRepository?: boolean
  /** Whether the dataset is private. @default false */
  privateDataset?: boolean
  /** The dataset's first files. @default one image */
  files?: Record<string, string | Uint8Array>
}

/** A Hub, a GitHub with its runner, and AutoTrain, which know each other. */
export interface World {
  readonly hub: SandboxHub
  readonly github: SandboxGitHub
  readonly autotrain: ClassicAutoTrain
  readonly runner: SandboxRunner
  /** Starts the packaged relay and a webhook of the dataset that calls it. */
  connectRelay(environment?: Record<string, string>): Promise<RelayUnderTest>
  /** Starts the packaged relay alone. */
  startRelay(environment?: Record<string, string>): Promise<RelayUnderTest>
  /** Resolves when every event has ended in its verdict. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** A packaged relay that runs, and what it printed. */
export interface RelayUnderTest {
  readonly url: string
  log(): string
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** How the workflows of examples/ name this action. */
const ownAction = 'OWNER/auto-retrain'

/** Starts a world on loopback. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { now } = options
  const hub = await startHub({
    quotas: { api: 1e9, resolvers: 1e9, pages: 1e9 },
    ...(now && { now: () => new Date(now()) }),
    ...options.hub,
  })
  hub.addUser({ name: names.user, token: names.hubToken, orgs: [names.org] })
  hub.createBaseModel(names.model)
  hub.createDataset({
    name: names.dataset,
    private: options.privateDataset ?? false,
    files: options.files ?? { 'train/0/first.txt': 'zero' },
  })
  const github = await startGitHub({
    repositories: [
      {
        name: names.repository,
        ...(options.repositoryId !== undefined && { id: options.repositoryId }),
        private: options.privateRepository ?? false,
        tokens: { [names.relayToken]: { contents: 'write', metadata: 'read' } },
      },
    ],
    limits: options.githubLimits ?? noLimits,
    ...(now && { now }),
  })
  const autotrain = await startClassicAutoTrain({ hub: hub.state, ...options.autotrain })
  const runner = await startRunner({
    repository: names.repository,
    checkout: root,
    workflowFolder: 'examples',
    secrets: { HF_TOKEN: names.hubToken, WEBHOOK_SECRET: names.webhookSecret },
    ...options.runner,
    github,
    actions: { [ownAction]: root, ...options.runner?.actions },
    environment: {
      HF_ENDPOINT: hub.url,
      AUTOTRAIN_API_URL: autotrain.url,
      AUTOTRAIN_UI_URL: autotrain.url,
      ...options.runner?.environment,
    },
  })
  // Promises: what is closed while a relay starts waits for it, and ends it.
  const relays: Promise<RelayUnderTest>[] = []
  const startRelay = (environment: Record<string, string> = {}) => {
    const relay = startPackagedRelay({ github, environment })
    relays.push(relay)
    return relay
  }
  return {
    hub,
    github,
    autotrain,
    runner,
    startRelay,
    async connectRelay(environment) {
      const relay = await startRelay(environment)
      hub.webhook({ url: `${relay.url}/webhook`, secret: names.webhookSecret, watched: [names.dataset] })
      return relay
    },
    async settled() {
      await hub.settled()
      await runner.settled()
    },
    async close() {
      await runner.close()
      await Promise.all(relays.map(async (relay) => (await relay).stop()))
      await Promise.all([autotrain.close(), github.close(), hub.close()])
    },
  }
}

async function startPackagedRelay(options: {
  github: SandboxGitHub
  environment: Record<string, string>
}): Promise<RelayUnderTest> {
  const relay = await startRelayProcess({
    PORT: '0',
    HOST: '127.0.0.1',
    WEBHOOK_SECRET: names.webhookSecret,
    GITHUB_TOKEN: names.relayToken,
    GITHUB_REPOSITORY: names.repository,
    GITHUB_API_URL: options.github.url,
    ...options.environment,
  })
  return {
    url: relay.url,
    log: relay.stdout,
    stop(signal = 'SIGTERM') {
      relay.kill(signal)
      return relay.ended
    },
  }
}
