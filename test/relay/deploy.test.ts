import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { openEnvelope } from '../../src/event/open-envelope.ts'
import { startGitHub } from '../sandbox/github/github.ts'
import { startHub } from '../sandbox/hub/start.ts'
import { names } from '../sandbox/world.ts'
import { readHfJobReadme, readScheduledRun, scheduledRequest } from './deploy/hf-job-readme.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'auto-retrain-deploy-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const read = (path: string) => readFileSync(path, 'utf8')

test('The Space is a Docker Space on the port of the image, which does not run as root.', () => {
  const [, frontMatter = ''] = /^---\n([\s\S]*?)\n---\n/.exec(read('deploy/space/README.md')) ?? []
  expect(parse(frontMatter)).toMatchObject({ sdk: 'docker', app_port: 7860 })
  const dockerfile = read('deploy/docker/Dockerfile')
  expect(dockerfile).toMatch(/^USER node$/m)
  expect(dockerfile).toMatch(/^ENV .*PORT=7860$/m)
  expect(dockerfile).toMatch(/^CMD \["node", "index.js"\]$/m)
})

const packaged = existsSync('dist/relay/index.js') ? test : test.skip
packaged('make.sh puts exactly the files that the image needs into the Space.', () => {
  execFileSync('sh', ['deploy/space/make.sh', folder])
  expect(readdirSync(folder).toSorted()).toEqual(['Dockerfile', 'README.md', 'dist'])
  expect(readdirSync(join(folder, 'dist/relay'))).toContain('index.js')
})

test('The Worker is deployed from the adapter that the tests run, and its config has no secret.', () => {
  const config = JSON.parse(read('deploy/cloudflare/wrangler.jsonc').replaceAll(/^\s*\/\/.*$/gm, ''))
  expect(existsSync(join('deploy/cloudflare', config.main))).toBe(true)
  expect(Object.keys(config.vars)).toEqual(['GITHUB_REPOSITORY', 'INPUT_DATASET', 'RECONCILE_EVERY'])
})

test('RECONCILE_EVERY of the Worker is how often its cron trigger comes.', () => {
  const config = JSON.parse(read('deploy/cloudflare/wrangler.jsonc').replaceAll(/^\s*\/\/.*$/gm, ''))
  expect([config.triggers.crons, config.vars.RECONCILE_EVERY]).toEqual([['*/15 * * * *'], '15m'])
})

describe('The scheduled Job of deploy/hf-job', () => {
  const readme = readHfJobReadme()
  const run = readScheduledRun(readme)
  const hourMs = 3_600_000

  test('Its commands upload the packaged relay and mount it at the commit of the upload.', () => {
    const [upload = ''] = readme.blocks
    expect(upload).toMatch(/^commit=\$\(.*hf upload acme\/auto-retrain-relay dist\/relay --type dataset --private /)
    expect(run.options['--volume']).toBe('hf://datasets/acme/auto-retrain-relay@$commit:/relay:ro')
    expect(run.command).toEqual(['node', '/relay/index.js', 'reconcile'])
    expect(existsSync('dist/relay/index.js')).toBe(true)
  })

  test('It runs on the cheapest hardware with the Node image of the container, as often as RECONCILE_EVERY says.', () => {
    expect(run.options['--flavor']).toBe('cpu-basic')
    expect(read('deploy/docker/Dockerfile')).toContain(`FROM ${run.image}\n`)
    expect([run.schedule, readme.settings.RECONCILE_EVERY]).toEqual(['@hourly', '1h'])
  })

  test('No secret is in a command line or among the settings.', () => {
    expect([run.options['--env-file'], run.options['--secrets-file']]).toEqual(['relay.env', 'relay.secrets'])
    expect(Object.keys(readme.secrets)).toEqual(['WEBHOOK_SECRET', 'GITHUB_TOKEN'])
    const commands = readme.blocks.join('')
    for (const name of [...Object.keys(readme.secrets), 'HF_TOKEN']) {
      expect([name, commands.includes(name), name in readme.settings]).toEqual([name, false, false])
    }
  })

  packaged('When its time comes, it starts the workflow for a commit that no webhook reported.', async () => {
    let now = Date.now() - 3 * hourMs
    const hub = await startHub({ now: () => new Date(now), jobs: { graceMs: 100 } })
    const github = await startGitHub({
      repositories: [
        {
          name: names.repository,
          private: true,
          tokens: { [names.relayToken]: { contents: 'write', metadata: 'read' } },
        },
      ],
    })
    try {
      hub.addUser({ name: names.user, token: names.hubToken, orgs: [names.org] })
      const { refs } = hub.createDataset({ name: names.dataset, files: { 'train/one.txt': '1' } })
      const folder = 'dist/relay'
      const files = Object.fromEntries(readdirSync(folder).map((name) => [name, read(join(folder, name))]))
      const relay = hub.createDataset({ name: 'acme/auto-retrain-relay', private: true, files })
      const body = scheduledRequest(run, {
        settings: { ...readme.settings, GITHUB_API_URL: github.url },
        secrets: { WEBHOOK_SECRET: names.webhookSecret, GITHUB_TOKEN: names.relayToken },
        commit: relay.refs.get('refs/heads/main') ?? '',
      })
      const created = await fetch(`${hub.url}/api/scheduled-jobs/${names.org}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${names.hubToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect([created.status, hub.state.schedules.runDue()]).toEqual([200, []])

      now += hourMs
      const [job] = hub.state.schedules.runDue()
      await hub.jobs.settled()
      const log = job?.log.lines.map(({ data }) => data).filter((line) => !line.startsWith('====='))
      expect(log).toEqual([expect.stringMatching(/^acme\/digits \(.*\) for acme\/retrain: dispatched \(rec_\w+\): /)])
      expect(job?.stage).toBe('COMPLETED')
      expect(github.dispatches).toHaveLength(1)
      const { delivery } = await openEnvelope(github.dispatches[0]?.clientPayload, {
        secrets: [names.webhookSecret],
        maxAgeMs: hourMs,
        now: Date.now(),
      } as never)
      expect(delivery).toBeDefined()
      expect(refs).toBeDefined()

      github.revokeToken(names.relayToken)
      now += hourMs
      const [failing] = hub.state.schedules.runDue()
      await hub.jobs.settled()
      expect(failing?.stage).toBe('ERROR')
      expect(failing?.log.lines.at(-1)?.data).toMatch(/^acme\/digits .*: failed: GitHub: /)
    } finally {
      await Promise.all([hub.close(), github.close()])
    }
  })
})
