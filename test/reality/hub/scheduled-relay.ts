import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  fileOf,
  readHfJobReadme,
  readScheduledRun,
  scheduledRequest,
} from '../../relay/deploy/hf-job-readme.ts'
import { startGitHub } from '../../sandbox/github/github.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import { names } from '../../sandbox/world.ts'
import type { Check } from '../lane.ts'
import { runCommand } from '../tools/command.ts'
import { compareRequests } from './job-request.ts'
import { onClientStage } from './stage.ts'

const packaged = fileURLToPath(new URL('../../../dist', import.meta.url))
const hourMs = 3_600_000

/** The page's commands, in one shell as a reader has it, and what was found out about each. */
const scriptOf = (blocks: readonly string[]) =>
  `set -eu\n${blocks.join('\n')}\nprintf 'commit=%s\\njob=%s\\n' "$commit" "$job"\n`

function bodyOf({ requests }: SandboxHub, path: string) {
  const request = requests.findLast((each) => each.method === 'POST' && each.path === path)
  return JSON.parse(request?.body ?? '{}')
}

/** Runs the commands of deploy/hf-job/README.md as they are written there. */
export const scheduledRelay: Check = {
  name: 'hf: the commands of deploy/hf-job',
  group: 'hf',
  needs: ['python'],
  answers: {
    'exit code': 0,
    'the upload is private': true,
    'the commit is its head': true,
    differences: [],
    'the log that hf shows':
      /acme\/digits \(refs\/heads\/main\) for acme\/retrain: dispatched \(rec_[0-9a-f]{32}\): /,
    dispatches: [names.repository],
    'schedules at the end': 0,
    'a secret in the output': false,
  },
  async observe(tools) {
    const found = await tools.python('huggingface_hub')
    const { blocks, ...readme } = readHfJobReadme()
    const tokens = { [names.relayToken]: { contents: 'write', metadata: 'read' } } as const
    const github = await startGitHub({ repositories: [{ name: names.repository, private: true, tokens }] })
    const given = {
      settings: { ...readme.settings, GITHUB_API_URL: github.url },
      secrets: { ...readme.secrets, WEBHOOK_SECRET: names.webhookSecret, GITHUB_TOKEN: names.relayToken },
    }
    try {
      // The commit is older than what is left to the webhook.
      const now = () => new Date(Date.now() - hourMs)
      const seen = await onClientStage(
        async ({ hub, folder, environment }) => {
          symlinkSync(packaged, join(folder, 'dist'))
          writeFileSync(join(folder, 'relay.env'), fileOf(given.settings))
          writeFileSync(join(folder, 'relay.secrets'), fileOf(given.secrets), { mode: 0o600 })
          const bin = join(found.folder, 'bin')
          const { code, output, stdout } = await runCommand('sh', ['-c', scriptOf(blocks)], {
            cwd: folder,
            env: { ...environment, PATH: `${bin}:${environment.PATH}` },
            timeoutMs: 120_000,
          })
          const commit = /^commit=(.*)$/m.exec(stdout)?.[1] ?? ''
          const uploaded = hub.state.repositories.find('dataset', 'acme/auto-retrain-relay')
          const ours = scheduledRequest(readScheduledRun({ blocks }), { ...given, commit })
          return {
            'exit code': code,
            'the upload is private': uploaded?.private,
            'the commit is its head': uploaded?.refs.get('refs/heads/main') === commit,
            differences: compareRequests(ours, bodyOf(hub, `/api/scheduled-jobs/${names.org}`)),
            'the log that hf shows': stdout,
            dispatches: github.dispatches.map(({ repository }) => repository),
            'schedules at the end': hub.state.schedules.of(hub.state.accounts.find(names.org)!).length,
            'a secret in the output': Object.values(given.secrets).some((secret) => output.includes(secret)),
            log: output,
          }
        },
        { now },
      )
      return { seen, against: await found.versions('huggingface-hub', 'hf-xet'), log: seen.log }
    } finally {
      await github.close()
    }
  },
}
