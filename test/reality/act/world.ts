import { digitFiles } from '../../demo/digits.ts'
import { startRelayProcess } from '../../relay/program.ts'
import { startGitHub } from '../../sandbox/github/github.ts'
import { noLimits } from '../../sandbox/github/github-rate-limit.ts'
import { startHub } from '../../sandbox/hub/start.ts'
import { names } from '../../sandbox/world.ts'

/** A Hub, a GitHub and a relay without the project's own runner: another runner takes its place. */
export interface ActWorld {
  /** The environment by which the action finds them. */
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  /** Adds files to the dataset; resolves with the event that GitHub got from the relay for it. */
  commit(): Promise<unknown>
  /** The last stage of the newest Job. */
  lastStage(): string | undefined
  close(): Promise<void>
}

/** Starts it. @param options.sha a commit that GitHub knows as the head of the workflow's repository */
export async function startActWorld({ sha }: { sha: string }): Promise<ActWorld> {
  const hub = await startHub({ quotas: { api: 1e9, resolvers: 1e9, pages: 1e9 } })
  hub.addUser({ name: names.user, token: names.hubToken, orgs: [names.org] })
  hub.createBaseModel(names.model)
  hub.createDataset({ name: names.dataset, private: false, files: digitFiles({ from: 0, perDigit: 6 }) })
  const github = await startGitHub({
    repositories: [
      {
        name: names.repository,
        private: false,
        headSha: sha,
        tokens: { [names.relayToken]: { contents: 'write', metadata: 'read' } },
      },
    ],
    limits: noLimits,
  })
  const relay = await startRelayProcess({
    PORT: '0',
    HOST: '127.0.0.1',
    WEBHOOK_SECRET: names.webhookSecret,
    GITHUB_TOKEN: names.relayToken,
    GITHUB_REPOSITORY: names.repository,
    GITHUB_API_URL: github.url,
  })
  hub.webhook({ url: `${relay.url}/webhook`, secret: names.webhookSecret, watched: [names.dataset] })
  let from = 6
  return {
    environment: {
      HF_ENDPOINT: hub.url,
      GITHUB_API_URL: github.url,
      GITHUB_SERVER_URL: github.url,
      GITHUB_GRAPHQL_URL: `${github.url}/graphql`,
    },
    secrets: {
      HF_TOKEN: names.hubToken,
      WEBHOOK_SECRET: names.webhookSecret,
      GITHUB_TOKEN: github.issueToken(names.repository, { contents: 'write', metadata: 'read' }),
    },
    async commit() {
      hub.commit(names.dataset, { files: digitFiles({ from, perDigit: 3 }) })
      from += 3
      await hub.settled()
      return github.dispatches.at(-1)?.event
    },
    lastStage: () => hub.jobs.all.at(-1)?.stage,
    async close() {
      relay.kill('SIGTERM')
      await relay.ended
      await Promise.all([github.close(), hub.close()])
    },
  }
}
