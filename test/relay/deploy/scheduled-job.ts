import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type SandboxGitHub, startGitHub } from '../../sandbox/github/github.ts'
import type { Job } from '../../sandbox/hub/jobs/jobs.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { names } from '../../sandbox/world.ts'
import { readHfJobReadme, readScheduledRun, scheduledRequest } from './hf-job-readme.ts'

/** A Hub with a commit that no webhook reported, and a GitHub. */
interface MissedCommit {
  readonly hub: SandboxHub
  readonly github: SandboxGitHub
  /** The commit, which is older than what is left to the webhook. */
  readonly revision: string
  /** Lets an hour pass at the Hub. */
  passHour(): void
  close(): Promise<void>
}

const hourMs = 3_600_000
const packaged = 'dist/relay'

/** The secrets by which the relay gets into them. */
export const secrets = { WEBHOOK_SECRET: names.webhookSecret, GITHUB_TOKEN: names.relayToken }

/** Starts both, and commits. */
export async function startMissedCommit(): Promise<MissedCommit> {
  let now = Date.now() - 3 * hourMs
  const hub = await startHub({ now: () => new Date(now), jobs: { graceMs: 100 } })
  const tokens = { [names.relayToken]: { contents: 'write', metadata: 'read' } } as const
  const github = await startGitHub({ repositories: [{ name: names.repository, private: true, tokens }] })
  hub.addUser({ name: names.user, token: names.hubToken, orgs: [names.org] })
  const dataset = hub.createDataset({ name: names.dataset, files: { 'train/one.txt': '1' } })
  return {
    hub,
    github,
    revision: dataset.refs.get('refs/heads/main') ?? '',
    passHour() {
      now += hourMs
    },
    close: async () => {
      await Promise.all([hub.close(), github.close()])
    },
  }
}

/** The scheduled Job of deploy/hf-job, with the packaged relay in it. */
interface ScheduledJob {
  /** Lets an hour pass at the Hub. Resolves with the Job that came of it, ended, and the lines it printed. */
  runDue(): Promise<{ job: Job | undefined; lines: string[] }>
}

/** Creates the schedule as `hf` does, with the settings of the page. */
export async function scheduleJob({ hub, github, passHour }: MissedCommit): Promise<ScheduledJob> {
  const files = Object.fromEntries(
    readdirSync(packaged).map((name) => [name, readFileSync(join(packaged, name), 'utf8')]),
  )
  const relay = hub.createDataset({ name: `${names.org}/auto-retrain-relay`, private: true, files })
  const readme = readHfJobReadme()
  const response = await fetch(`${hub.url}/api/scheduled-jobs/${names.org}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${names.hubToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(
      scheduledRequest(readScheduledRun(readme), {
        settings: { ...readme.settings, GITHUB_API_URL: github.url },
        secrets,
        commit: relay.refs.get('refs/heads/main') ?? '',
      }),
    ),
  })
  if (response.status !== 200) throw new Error(`The Hub refused the schedule: ${await response.text()}`)
  return {
    async runDue() {
      passHour()
      const [job] = hub.state.schedules.runDue()
      await hub.jobs.settled()
      const lines = job?.log.lines.map(({ data }) => data).filter((line) => !line.startsWith('====='))
      return { job, lines: lines ?? [] }
    },
  }
}
