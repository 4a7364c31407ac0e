import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { codeBlocks } from '../../scripts/markdown-blocks.ts'
import { names } from '../sandbox/world.ts'
import { fileOf, readHfJobReadme, readScheduledRun } from './deploy/hf-job-readme.ts'
import { scheduleJob, secrets, startMissedCommit } from './deploy/scheduled-job.ts'

let folder: string
let world: Awaited<ReturnType<typeof startMissedCommit>>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'auto-retrain-deploy-'))
  world = await startMissedCommit()
})

afterEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  await world.close()
})

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

  test('Its commands upload the packaged relay and mount it at the commit of the upload.', () => {
    const [upload = ''] = readme.blocks
    expect(upload).toMatch(
      /^commit=\$\(.*hf upload acme\/auto-retrain-relay dist\/relay --type dataset --private /,
    )
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
    const { runDue } = await scheduleJob(world)
    const { job, lines } = await runDue()
    const [line, ...more] = lines
    expect([line, more]).toEqual([expect.stringMatching(/^acme\/digits .*: dispatched \(rec_\w+\): /), []])
    expect(job?.stage).toBe('COMPLETED')
    const sent = world.github.dispatches.map(({ repository, clientPayload: { dataset, sha, id } }) => ({
      repository,
      dataset,
      sha,
      isNamed: line?.includes(String(id)),
    }))
    const { repository, dataset } = names
    expect(sent).toEqual([{ repository, dataset, sha: world.revision, isNamed: true }])
  })

  packaged('When GitHub refuses the token, the Job fails, and its log says which half failed.', async () => {
    const { runDue } = await scheduleJob(world)
    world.github.revokeToken(names.relayToken)
    const { job, lines } = await runDue()
    expect(job?.stage).toBe('ERROR')
    expect(lines).toEqual([expect.stringMatching(/^acme\/digits .*: failed: GitHub: .*GITHUB_TOKEN/)])
  })
})

test.each(['deploy/cloudflare/README.md', 'deploy/docker/README.md', 'deploy/hf-job/README.md'])(
  '%s sets RECONCILE_EVERY, and says that a commit which is never taken up raises no alert.',
  (file) => {
    expect(read(file)).toContain('RECONCILE_EVERY')
    expect(read(file)).toContain('docs/timers.md#what-tells-you-that-something-is-wrong')
  },
)

describe('The timers of docs/timers.md', () => {
  const blocks = codeBlocks(read('docs/timers.md'))
  const textOf = (language: string) =>
    blocks
      .filter((block) => block.language === language)
      .map(({ text }) => text)
      .join('\n')
  const program = '/opt/auto-retrain/dist/relay/index.js'

  test('Each comes as often as RECONCILE_EVERY says, and runs the packaged relay once.', () => {
    expect(textOf('ini')).toMatch(/^RECONCILE_EVERY=15m$/m)
    expect(textOf('crontab')).toMatch(/^\*\/15 \* \* \* \* [^\n]+\n$/)
    expect(textOf('systemd')).toMatch(/^OnCalendar=\*:0\/15$/m)
    expect(textOf('systemd')).toMatch(new RegExp(`^ExecStart=/usr/bin/node ${program} reconcile$`, 'm'))
    const { kind, spec } = parse(textOf('yaml'))
    const [container] = spec.jobTemplate.spec.template.spec.containers
    expect([kind, spec.schedule, container.command]).toEqual([
      'CronJob',
      '*/15 * * * *',
      ['node', 'index.js', 'reconcile'],
    ])
  })

  packaged(
    'The line for cron prints nothing when all went well, and the lines when a route failed.',
    async () => {
      const env = join(folder, 'relay.env')
      const settings = {
        ...secrets,
        GITHUB_REPOSITORY: names.repository,
        INPUT_DATASET: names.dataset,
        HF_ENDPOINT: world.hub.url,
        GITHUB_API_URL: world.github.url,
      }
      writeFileSync(env, fileOf(settings))
      const line = textOf('crontab')
        .replace('*/15 * * * * ', '')
        .replace('/usr/bin/node', process.execPath)
        .replace('/etc/auto-retrain/relay.env', env)
        .replace('/opt/auto-retrain', process.cwd())
      const run = promisify(execFile)
      expect(await run('/bin/sh', ['-c', line])).toEqual({ stdout: '', stderr: '' })
      expect(world.github.dispatches).toHaveLength(1)
      world.github.revokeToken(names.relayToken)
      expect((await run('/bin/sh', ['-c', line])).stdout).toMatch(/^acme\/digits .*: failed: GitHub: /)
    },
  )
})
