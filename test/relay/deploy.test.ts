import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { parse } from 'yaml'

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
  expect(Object.keys(config.vars)).toEqual(['GITHUB_REPOSITORY', 'INPUT_DATASET'])
})
