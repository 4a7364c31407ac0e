import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'

interface Job {
  needs?: string
  permissions: Record<string, string>
  steps: { run?: string; name?: string }[]
}
const { jobs } = parse(readFileSync('.github/workflows/release.yml', 'utf8')) as { jobs: Record<string, Job> }
const scriptOf = (job: string) => jobs[job]?.steps.findLast(({ run }) => run !== undefined)?.run ?? ''

/** Stands in for gh: records its arguments, and answers from files named after the first words of a call. */
const gh = `#!/usr/bin/env bash
printf '%s\\n' "$(printf '%s|' "$@")" >>"$CALLS"
case "$*" in
  "release view "*) [ -n "$DRAFT" ] && echo "$DRAFT" ;;
  *"/releases --jq "*) printf '%s\\n' $RELEASES ;;
  *"/commits/"*) echo 0123456789abcdef0123456789abcdef01234567 ;;
  *"git/ref/tags/"*) [ "$HAS_TAG" = yes ] ;;
esac
`
const node = '#!/bin/sh\necho "notes of $2"\n'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'release-'))
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin/gh'), gh, { mode: 0o755 })
  writeFileSync(join(folder, 'bin/node'), node, { mode: 0o755 })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a job's script; the calls of gh have one line each, their arguments apart by |. */
function run(job: string, variables: Record<string, string>) {
  const calls = join(folder, 'calls')
  rmSync(calls, { force: true })
  const { status, stdout } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', scriptOf(job)], {
    env: { PATH: `${folder}/bin:${process.env.PATH}`, CALLS: calls, REPO: 'acme/auto-retrain', ...variables },
    encoding: 'utf8',
  })
  const lines = existsSync(calls) ? readFileSync(calls, 'utf8').split('\n') : []
  return {
    status,
    stdout,
    writes: lines.filter((line) => /^release\|(?:create|edit)|^api\|--method/.test(line)),
  }
}

describe('scripts/release.ts', () => {
  const release = (tag: string, files: Record<string, string>) => {
    const project = mkdtempSync(join(folder, 'project-'))
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(project, path)), { recursive: true })
      writeFileSync(join(project, path), text)
    }
    // As the workflow calls it: by Node alone.
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/release.ts', tag, project], {
      encoding: 'utf8',
    })
    return { status, stdout, stderr }
  }
  const files = {
    'package.json': '{"version": "1.2.3"}',
    'package-lock.json': '{"version": "1.2.3", "packages": {"": {"version": "1.2.3"}}}',
    'CHANGELOG.md': '# Changelog\n\n## [1.2.3] - 2026-11-26\n\n- A thing.\n',
    '.github/CODEOWNERS': '* @ada\n',
  }

  test('A tag that may be released prints the notes of its version.', () => {
    expect(release('v1.2.3', files)).toEqual({ status: 0, stdout: '- A thing.\n', stderr: '' })
  })

  test('It prints every problem and no notes, and exits with 1.', () => {
    const { status, stdout, stderr } = release('v1.2.4', { ...files, '.github/CODEOWNERS': '* @OWNER\n' })
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /^package\.json has the version 1\.2\.3.*\nCHANGELOG\.md has no section .*\n.*OWNER/,
    )
  })
})

describe('The draft of a release', () => {
  test('A new tag gets a draft with the notes of its version.', () => {
    const { status, writes } = run('draft', { TAG: 'v1.2.3' })
    expect({ status, writes }).toEqual({
      status: 0,
      writes: ['release|create|v1.2.3|--draft|--verify-tag|--title|v1.2.3|--notes|notes of v1.2.3|'],
    })
  })

  test('A second run updates the draft.', () => {
    const { status, writes } = run('draft', { TAG: 'v1.2.3', DRAFT: 'true' })
    expect({ status, writes }).toEqual({
      status: 0,
      writes: ['release|edit|v1.2.3|--draft|--notes|notes of v1.2.3|'],
    })
  })

  test('A release that is published stays as it is.', () => {
    const { status, stdout, writes } = run('draft', { TAG: 'v1.2.3', DRAFT: 'false' })
    expect({ status, writes }).toEqual({ status: 1, writes: [] })
    expect(stdout).toContain('::error::v1.2.3 is already published')
  })
})

describe('The tag of the major version', () => {
  const sha = '0123456789abcdef0123456789abcdef01234567'
  test('It moves to a newer version.', () => {
    const { status, writes } = run('move', {
      TAG: 'v1.10.0',
      RELEASES: 'v1.9.0 v1.10.0 v2.0.0 v0.9.0',
      HAS_TAG: 'yes',
    })
    expect({ status, writes }).toEqual({
      status: 0,
      writes: [`api|--method|PATCH|repos/acme/auto-retrain/git/refs/tags/v1|-f|sha=${sha}|-F|force=true|`],
    })
  })

  test('The first version makes it.', () => {
    const { status, writes } = run('move', { TAG: 'v2.0.0', RELEASES: 'v1.9.0 v2.0.0', HAS_TAG: 'no' })
    expect({ status, writes }).toEqual({
      status: 0,
      writes: [`api|--method|POST|repos/acme/auto-retrain/git/refs|-f|ref=refs/tags/v2|-f|sha=${sha}|`],
    })
  })

  test.each([
    ['a fix of an older version', 'v1.9.1', 'v1.9.1 v1.10.0', 'v1 stays: it has the newer release v1.10.0'],
    ['a name that is no version', 'nightly', 'v1.9.1', 'nightly is no version'],
    ['a name with a command in it', 'v1.2.3;id', 'v1.2.3', 'is no version'],
  ])('It stays for %s.', (_, tag, releases, notice) => {
    const { status, stdout, writes } = run('move', { TAG: tag, RELEASES: releases, HAS_TAG: 'yes' })
    expect({ status, writes }).toEqual({ status: 0, writes: [] })
    expect(stdout).toContain(notice)
  })
})

describe('The jobs of the release', () => {
  test('Nothing is attested or drafted before everything was checked.', () => {
    expect([jobs.attest?.needs, jobs.draft?.needs]).toEqual(['check', 'attest'])
    expect(jobs.check?.steps.map(({ run }) => run)).toContain('bash .ci/run')
  })

  test('What installs packages or runs the checks cannot write, and what can write installs nothing.', () => {
    expect(jobs.check?.permissions).toEqual({ contents: 'read' })
    const writers = Object.values(jobs).filter(({ permissions }) => permissions.contents === 'write')
    const scripts = writers.flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []))
    expect(scripts.filter((script) => /\bnpm\b|\.ci\/run/.test(script))).toEqual([])
  })

  test('The script that they run needs no package.', () => {
    const files = ['scripts/release.ts', 'scripts/release/checks.ts']
    const imports = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^import .* from '([^']+)'/gm)].map(([, name = '']) => ({
        file,
        name,
      })),
    )
    const known = imports.filter(
      ({ file, name }) => name.startsWith('node:') || files.includes(join(dirname(file), name)),
    )
    expect(known).toEqual(imports)
  })
})
