import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { codeBlocks } from '../../scripts/markdown-blocks.ts'
import { readSettings } from '../../src/relay/settings/settings.ts'

const blocksOf = (page: string, language: string) =>
  codeBlocks(readFileSync(page, 'utf8')).flatMap((block) => (block.language === language ? [block.text] : []))
const secrets = {
  WEBHOOK_SECRET: 'c0ffee00c0ffee00c0ffee00c0ffee03',
  GITHUB_TOKEN: 'github_pat_forTests0000000001',
}

test('The relay accepts the routes of docs/relay.md.', () => {
  const [routes = ''] = blocksOf('docs/relay.md', 'json')
  const settings = readSettings({ ...secrets, RELAY_ROUTES: routes })
  expect(settings.routes.map(({ repository }) => repository)).toEqual(
    JSON.parse(routes).map(({ repository }: { repository: string }) => repository),
  )
})

test.each(['docs/timers.md', 'deploy/docker/README.md'])(
  'The relay accepts the settings of relay.env in %s, with secrets in place of the brackets.',
  (page) => {
    const [text = ''] = blocksOf(page, 'ini')
    const given = Object.fromEntries(
      text
        .trim()
        .split('\n')
        .map((line) => line.split(/=(.*)/, 2) as [string, string]),
    )
    expect(Object.keys(given)).toEqual(
      expect.arrayContaining(['GITHUB_TOKEN', 'RECONCILE_EVERY', 'WEBHOOK_SECRET']),
    )
    expect(readSettings({ ...given, ...secrets }).routes).toMatchObject([{ repository: 'owner/name' }])
  },
)

describe('The git commands of docs/ledger.md', () => {
  const [list = '', remove = ''] = blocksOf('docs/ledger.md', 'sh')
  const revision = 'a'.repeat(40)
  let folder: string

  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=ann', '-c', 'user.email=ann@example.com', ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  /** Runs lines of a page in a clone of a repository with a ledger of two revisions. */
  const run = (lines: string) =>
    execFileSync(
      'bash',
      [
        '-e',
        '-o',
        'pipefail',
        '-c',
        lines.replaceAll('RECIPE', 'acme-digits').replaceAll('REVISION', revision),
      ],
      {
        cwd: join(folder, 'clone'),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'auto-retrain-ledger-'))
    git('init', '--quiet', '--bare', 'origin.git')
    git('init', '--quiet', 'work')
    git('-C', 'work', 'commit', '--quiet', '--allow-empty', '-m', 'First')
    git('-C', 'work', 'tag', '-a', 'record', '-m', '{"version": 2, "state": "succeeded"}')
    for (const name of [revision, 'b'.repeat(40)])
      git('-C', 'work', 'push', '--quiet', '../origin.git', `record:refs/auto-retrain/acme-digits/${name}`)
    git('clone', '--quiet', 'origin.git', 'clone')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('They list the refs, fetch them and show the records.', () => {
    const shown = run(list)
    expect(shown.match(new RegExp(`refs/auto-retrain/acme-digits/${revision}`, 'g'))).toHaveLength(2)
    expect(shown).toContain('"state": "succeeded"')
  })

  test('They delete one revision, and then the whole ledger.', () => {
    const [one = '', all = ''] = remove.split(/^# the whole.*$/m)
    run(one)
    expect(run("git ls-remote --refs origin 'refs/auto-retrain/*'").trim().split('\n')).toHaveLength(1)
    run(all)
    expect(run("git ls-remote --refs origin 'refs/auto-retrain/*'")).toBe('')
  })
})

const python = spawnSync('python3', ['--version']).status === 0 ? test : test.skip
python('The Python on the pages has no syntax error.', () => {
  const scripts = globSync('docs/*.md').flatMap((page) => blocksOf(page, 'python'))
  expect(scripts.length).toBeGreaterThan(2)
  for (const script of scripts) {
    execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: script })
  }
})
