import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { JobsOptions } from '../../../hub/jobs/start-jobs.ts'
import { type JobTrial, shell, spec, tryJobs } from '../../../hub/jobs/try-jobs.ts'
import type { SandboxHub } from '../../../hub/start.ts'
import { startHub } from '../../../hub/start.ts'
import { standInUv } from '../../../uv/stand-in.ts'

const image = 'ghcr.io/astral-sh/uv:0.13.9-python3.12-trixie'

let hub: SandboxHub
let call: JobTrial['call']
let run: JobTrial['run']
let start: JobTrial['start']

async function restart(jobs: JobsOptions = { uvPath: standInUv }) {
  await hub?.close()
  hub = await startHub({ jobs: { graceMs: 2000, ...jobs } })
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.createModel({ name: 'ann/run', private: true })
  ;({ call, run, start } = tryJobs(hub))
}
beforeEach(() => restart())
afterEach(() => hub.close())

const script = (header: readonly string[], body: string) =>
  ['# /// script', ...header.map((line) => `# ${line}`), '# ///', '# stand-in: sh', body, ''].join('\n')

/** Commits files below training/, and gives the Job that has them at /code. */
function uvJob(files: Record<string, string>, command: readonly string[], change: object = {}) {
  const paths = Object.entries(files).map(([path, text]) => [`training/${path}`, text])
  const { sha } = hub.commit('ann/run', { type: 'model', files: Object.fromEntries(paths) })
  return spec({
    dockerImage: image,
    command: ['uv', 'run', ...command],
    environment: { UV_PYTHON_DOWNLOADS: 'never' },
    volumes: [{ type: 'model', source: 'ann/run', revision: sha, path: 'training', mountPath: '/code' }],
    ...change,
  })
}

async function ran(header: readonly string[], options: string[] = [], files: Record<string, string> = {}) {
  const body = 'echo "ran with $*"'
  const { answer, lines } = await run(
    uvJob({ 'train.py': script(header, body), ...files }, [...options, '/code/train.py', '--epochs', '2']),
  )
  return { message: answer.status.message, text: lines.slice(1).join('\n') }
}

const anyPython = 'requires-python = ">=3.10"'

const lock = (specifier: string) =>
  [
    'version = 1',
    '[manifest]',
    `requirements = [{ name = "packaging", specifier = "${specifier}" }]`,
    '[[package]]',
    'name = "packaging"',
    'version = "24.2"',
  ].join('\n')

describe('A Job with an image of uv', () => {
  test('It runs a script of the mounted repository with its arguments, and says what was installed.', async () => {
    expect(await ran(['dependencies = ["torch>=2", "numpy"]'], ['--with', 'trackio'])).toEqual({
      message: null,
      text: 'Installed 3 packages in 3ms\nran with --epochs 2',
    })
  })

  test('Nothing is installed for a script without dependencies.', async () => {
    expect(await ran([])).toEqual({ message: null, text: 'ran with --epochs 2' })
  })

  test('The exit code of the script is the exit code of the Job.', async () => {
    const { answer } = await run(uvJob({ 'train.py': script([], 'exit 7') }, ['/code/train.py']))
    expect(answer.status.message).toBe('Job failed with exit code: 7')
  })

  test('A script that is killed ends the Job with 128 and the number of the signal.', async () => {
    const { answer } = await run(uvJob({ 'train.py': script([], 'kill -9 $$') }, ['/code/train.py']))
    expect(answer.status.message).toBe('Job failed with exit code: 137')
  })

  test('A cancelled Job lets the script end by itself.', async () => {
    const body = 'trap "echo saving; exit 0" TERM; echo ready; while :; do sleep 0.01; done'
    const job = await start(uvJob({ 'train.py': script([], body) }, ['/code/train.py']))
    await new Promise<void>((resolve) => {
      job.log.follow({ line: ({ data }) => data === 'ready' && resolve(), end: resolve })
    })
    await call(`/ann/${job.id}/cancel`, { method: 'POST' })
    await hub.jobs.settled()
    expect(job.log.lines.at(-1)?.data).toBe('saving')
  })

  test.each([
    ['a machine without uv', {}, image],
    ['another image', { uvPath: standInUv }, 'python:3.12'],
  ])('On %s, uv is a missing command: 127.', async (_, jobs, dockerImage) => {
    await restart(jobs)
    for (const command of [
      ['uv', 'run', 'x.py'],
      ['sh', '-c', 'uv run x.py'],
    ]) {
      const { answer, lines } = await run(spec({ dockerImage, command }))
      expect([answer.status.message, lines.at(-1)]).toEqual([
        'Job failed with exit code: 127',
        'uv: not found',
      ])
    }
  })

  test('The cache is outside of the Job where one is given, and else below the home of the image.', async () => {
    const shared = mkdtempSync(join(tmpdir(), 'uv-cache-'))
    const cache = async () =>
      (await run(shell('echo "$UV_CACHE_DIR at $HOME"', { dockerImage: image }))).lines.at(-1)
    expect(await cache()).toBe(' at /root')
    await restart({ uvPath: standInUv, uvCacheDir: shared })
    expect(await cache()).toBe(`${shared} at /root`)
    rmSync(shared, { recursive: true })
  })

  test('The image has the Python of its tag and no other, if this machine has that one.', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pythons-'))
    const python = join(folder, 'python')
    writeFileSync(python, '#!/bin/sh\necho "this is 3.12"\n', { mode: 0o755 })
    await restart({ uvPath: standInUv, uvPythons: { '3.12': python } })
    const found = async (name: string) => {
      const { lines } = await run(shell('ls "$UV_PYTHON_SEARCH_PATH"; python3.12', { dockerImage: name }))
      return lines.slice(1).filter((line) => line !== 'node' && line !== 'uv')
    }
    expect(await found(image)).toEqual(['python', 'python3', 'python3.12', 'this is 3.12'])
    for (const name of ['ghcr.io/astral-sh/uv:python3.11-trixie', 'astral-sh/uv:0.13-debian']) {
      expect(await found(name)).not.toContain('python3')
    }
    rmSync(folder, { recursive: true })
  })
})

describe('The stand-in for uv', () => {
  test.each<[string, string[], string[], RegExp, number]>([
    [
      'a package that does not exist',
      ['dependencies = ["x-that-does-not-exist"]'],
      [],
      /^error: No solution found[\s\S]*not found in the package registry/,
      1,
    ],
    [
      'dependencies that contradict each other',
      ['dependencies = ["packaging==24.2", "packaging<24"]'],
      [],
      /cause: Because you require packaging==24.2 and packaging<24/,
      1,
    ],
    [
      'TOML that cannot be read',
      ['dependencies = [packaging]'],
      [],
      /^error: TOML parse error at line 1, column 17\n {2}\|\n1 \| dependencies/,
      2,
    ],
    [
      'dependencies that are no list',
      ['dependencies = "numpy"'],
      [],
      /invalid type: "numpy", expected a sequence/,
      2,
    ],
    ['a dependency with a wrong operator', ['dependencies = ["numpy=>2"]'], [], /numpy=>2/, 2],
    [
      'a Python that the image does not have',
      ['requires-python = ">=3.13"'],
      [],
      /^error: No interpreter found for Python >=3.13/,
      2,
    ],
    [
      '--python with another version',
      [],
      ['--python', '3.11'],
      /^error: No interpreter found for Python 3.11/,
      2,
    ],
    [
      '--locked without a lock',
      ['dependencies = ["packaging"]'],
      ['--locked'],
      /^error: Unable to find lockfile/,
      2,
    ],
    ['an option that uv does not have', [], ['--bogus'], /^error: unexpected argument '--bogus' found/, 2],
  ])('It refuses %s as uv does, and the script does not run.', async (_, header, options, text, code) => {
    const result = await ran(header, options)
    expect(result.text).toMatch(text)
    expect(result.text).not.toMatch(/ran with|Installed/)
    expect(result.message).toBe(`Job failed with exit code: ${code}`)
  })

  test.each([
    ['two headers', '# /// script\n# ///\nx\n# /// script\n# ///\n', /multiple PEP 723 metadata blocks/],
    ['a header that is not closed', '# /// script\n# dependencies = []\nx\n', /without a closing tag/],
    ['a script that is really Python', 'print(1)\n', /runs no Python/],
  ])('It refuses %s.', async (_, text, expected) => {
    const { answer, lines } = await run(uvJob({ 'train.py': text }, ['/code/train.py']))
    expect(lines.join('\n')).toMatch(expected)
    expect(answer.status.message).toBe('Job failed with exit code: 2')
  })

  test('It refuses a script that is missing.', async () => {
    const { lines } = await run(uvJob({ 'other.py': '' }, ['/code/train.py']))
    expect(lines.slice(1)).toEqual([
      'error: Failed to spawn: /code/train.py',
      '  cause: No such file or directory (os error 2)',
    ])
  })

  test('A header behind a byte-order mark is not seen: nothing is installed.', async () => {
    const text = `\uFEFF${script(['dependencies = ["torch"]'], 'echo ran')}`
    const { lines } = await run(uvJob({ 'train.py': text }, ['/code/train.py']))
    expect(lines.join('\n')).not.toMatch(/Installed/)
  })

  test('--locked takes a fresh lock, and refuses a stale one with 1.', async () => {
    const header = [anyPython, 'dependencies = ["packaging==24.2"]']
    const withLock = (specifier: string) => ran(header, ['--locked'], { 'train.py.lock': lock(specifier) })
    expect(await withLock('==24.2')).toEqual({
      message: null,
      text: 'Installed 1 package in 3ms\nran with --epochs 2',
    })
    const stale = await withLock('==24.1')
    expect(stale.message).toBe('Job failed with exit code: 1')
    expect(stale.text).toMatch(/^error: The lockfile at `uv.lock` needs to be updated, but `--locked` was/)
  })

  test('A stale lock without --locked cannot be renewed on a read-only mount.', async () => {
    const result = await ran([anyPython, 'dependencies = ["packaging==24.2"]'], [], {
      'train.py.lock': lock('==24.1'),
    })
    expect(result).toEqual({
      message: 'Job failed with exit code: 2',
      text: 'error: Read-only file system (os error 30) at path "/code/.tmpStandIn"',
    })
  })

  test('A registry of the Job that does not answer ends the Job with 2.', async () => {
    const environment = { UV_DEFAULT_INDEX: 'http://127.0.0.1:1/simple' }
    const files = { 'train.py': script(['dependencies = ["numpy"]'], 'echo ran') }
    const { lines, answer } = await run(uvJob(files, ['/code/train.py'], { environment }))
    expect(lines.slice(1, 3)).toEqual([
      expect.stringMatching(/^error: Request failed after 3 retries/),
      '  cause: Failed to fetch: http://127.0.0.1:1/simple/numpy/',
    ])
    expect(answer.status.message).toBe('Job failed with exit code: 2')
  })
})

describe('A folder of a model repository, mounted at /code', () => {
  const push = `
    const { HF_ENDPOINT, HF_TOKEN } = process.env
    const lines = [
      { key: 'header', value: { summary: 'Training in progress, epoch 1' } },
      { key: 'file', value: { path: 'training/part/helper.txt', content: 'new' } },
    ]
    fetch(HF_ENDPOINT + '/api/models/ann/run/commit/main', {
      method: 'POST',
      headers: { authorization: 'Bearer ' + HF_TOKEN, 'content-type': 'application/x-ndjson' },
      body: lines.map((line) => JSON.stringify(line)).join('\\n'),
    }).then(({ status }) => console.log('pushed', status))`

  test('The script may push to the same repository: what is mounted stays as it was at the commit.', async () => {
    // The paths are arguments: inside of a file the sandbox replaces none.
    const look = 'cat "$1/part/helper.txt"; echo'
    const files = {
      'train.py': script([], `${look}\nnode "$1/push.cjs"\n${look}\nls "$1"`),
      'push.cjs': push,
      'part/helper.txt': 'old',
    }
    const secrets = { HF_TOKEN: 'hf_ann' }
    const { lines, answer } = await run(uvJob(files, ['/code/train.py', '/code'], { secrets }))
    expect(lines.slice(1)).toEqual(['old', 'pushed 200', 'old', 'part', 'push.cjs', 'train.py'])
    expect(answer.volumes).toEqual([
      expect.objectContaining({ type: 'model', path: 'training', mountPath: '/code', readOnly: true }),
    ])
    const { refs } = hub.repository('ann/run', 'model')
    expect(refs.get('refs/heads/main')).not.toBe(answer.volumes[0].revision)
  })

  test('A folder that is not there fails the Job, before its command runs.', async () => {
    const { lines, answer } = await run(
      uvJob({ 'train.py': '' }, ['/code/train.py'], {
        volumes: [{ type: 'model', source: 'ann/run', path: 'code', mountPath: '/code' }],
      }),
    )
    expect([answer.status.stage, lines]).toEqual(['ERROR', []])
  })

  test('The folder of another private repository is refused.', async () => {
    hub.addUser({ name: 'eve', token: 'hf_eve' })
    hub.createModel({ name: 'eve/run', private: true, files: { 'training/train.py': '' } })
    const volumes = [{ type: 'model', source: 'eve/run', path: 'training', mountPath: '/code' }]
    await expect(start(spec({ volumes }))).rejects.toThrow('Repository not found')
  })
})
