import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { names } from '../sandbox/world.ts'
import { readHfJobReadme, readScheduledRun } from './deploy/hf-job-readme.ts'
import { startScheduledJob } from './deploy/scheduled-job.ts'

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
    const world = await startScheduledJob()
    try {
      const { job, lines } = await world.passHour()
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
    } finally {
      await world.close()
    }
  })

  packaged('When GitHub refuses the token, the Job fails, and its log says which half failed.', async () => {
    const world = await startScheduledJob()
    try {
      world.github.revokeToken(names.relayToken)
      const { job, lines } = await world.passHour()
      expect(job?.stage).toBe('ERROR')
      expect(lines).toEqual([expect.stringMatching(/^acme\/digits .*: failed: GitHub: .*GITHUB_TOKEN/)])
    } finally {
      await world.close()
    }
  })
})
