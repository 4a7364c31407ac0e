import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { withCode } from '../../../src/action/code/read-code.ts'
import type { RecipeCode } from '../../../src/domain/plan/code.ts'
import type { Recipe } from '../../../src/domain/recipe.ts'
import { recipeHashes } from '../../../src/recipe/recipe-hashes.ts'
import { recipe } from '../../trainers/order.ts'

const script = '# /// script\n# dependencies = []\n# ///\nprint(1)\n'
const url = `https://code.example/acme/code/${'0123456789'.repeat(4)}/train.py`
let workspace: string

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'code-test-'))
  write('training/train.py', script)
})
afterEach(() => rmSync(workspace, { recursive: true, force: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(workspace, path)), { recursive: true })
  writeFileSync(join(workspace, path), text)
}

const noServer: typeof fetch = () => Promise.reject(new Error('No server was to be asked.'))

async function readAll(
  recipes: readonly Partial<Recipe>[],
  send: typeof fetch = noServer,
): Promise<readonly Recipe[]> {
  const { signal } = new AbortController()
  const whole = recipes.map((one) => recipe({ trainer: 'script', script: 'training/train.py', ...one }))
  return withCode(whole, { workspace, send, signal })
}

async function read(change: Partial<Recipe> = {}, send?: typeof fetch): Promise<RecipeCode | undefined> {
  return (await readAll([change], send))[0]?.code
}

/** A server whose answer comes from this address, after redirects. */
const answers =
  (body: BodyInit | null, status = 200, from = url): typeof fetch =>
  () =>
    Promise.resolve(Object.defineProperty(new Response(body, { status }), 'url', { value: from }))

describe('What is shipped with a script', () => {
  test('Its lock comes with it, and a pyproject.toml only where files name it.', async () => {
    write('training/train.py.lock', 'version = 1\n')
    write('pyproject.toml', '[project]\n')
    expect(await read()).toMatchObject({ hasLock: true, hasProject: false })
    expect(await read({ files: ['pyproject.toml'] })).toMatchObject({ hasProject: true })
    expect(await read({ files: ['training/*.py'] })).toMatchObject({ hasProject: false })
  })

  test('A lock that files ship beside the script of a URL is used.', async () => {
    write('train.py.lock', 'version = 1\n')
    expect(await read({ script: url }, answers(script))).toMatchObject({ hasLock: false })
    expect(await read({ script: url, files: ['train.py.lock'] }, answers(script))).toMatchObject({
      hasLock: true,
    })
  })

  test('A lock that is a link is refused and not left out without a word.', async () => {
    write('other.lock', 'version = 1\n')
    symlinkSync('../other.lock', join(workspace, 'training/train.py.lock'))
    expect(await read()).toMatchObject({ problem: expect.stringContaining('train.py.lock is a link') })
  })

  test('Files that are too large are refused before they are read.', async () => {
    write('big/data.bin', '')
    // A file without blocks, larger than this machine could read at once.
    truncateSync(join(workspace, 'big/data.bin'), 5 * 1024 ** 3)
    expect(await read({ files: ['big/*'] })).toMatchObject({
      problem: 'files: 5120 MB would be shipped, and at most 10 MB may be: put data into the dataset.',
    })
  })

  test('More than 100 files are refused.', async () => {
    for (let n = 0; n < 101; n += 1) write(`many/${n}.txt`, 'x')
    expect(await read({ files: ['many/*'] })).toMatchObject({
      problem: 'files: 101 files would be shipped, and at most 100 may be: name fewer.',
    })
  })

  test.each([
    ['a link to a file', 'links/*', /links\/file\.txt is a link/],
    ['a folder behind a link', 'links/folder/*', /matches no file/],
    ['a folder outside of the checkout', '../*', /^files/],
    ['a dot file that a pattern names', '.e*', /dot file/],
  ])('%s is never shipped.', async (_what, glob, problem) => {
    write('.env', 'SECRET=1')
    mkdirSync(join(workspace, 'links'))
    symlinkSync('/etc/hostname', join(workspace, 'links/file.txt'))
    symlinkSync('/etc', join(workspace, 'links/folder'))
    expect(await read({ files: [glob] })).toMatchObject({ problem: expect.stringMatching(problem) })
  })

  test('A recipe whose script is missing stops no other recipe.', async () => {
    const [bad, good] = await readAll([{ script: 'training/gone.py' }, {}])
    expect(bad?.code).toMatchObject({ problem: expect.stringContaining('gone.py') })
    expect(good?.code).toMatchObject({ script: 'training/train.py' })
  })
})

describe('The script of a URL', () => {
  test('One that is too long is refused, and asked for once.', async () => {
    let asked = 0
    const send: typeof fetch = (...args) => {
      asked += 1
      return answers('x = 1\n'.repeat(200_000))(...args)
    }
    expect(await read({ script: url }, send)).toMatchObject({
      problem: expect.stringContaining('more than the 1000 kB'),
      passes: false,
    })
    expect(asked).toBe(1)
  })

  test('An answer that came over http after a redirect is refused.', async () => {
    expect(await read({ script: url }, answers(script, 200, 'http://code.example/train.py'))).toMatchObject({
      problem: expect.stringContaining('without https'),
      passes: false,
    })
  })

  test('A server that is down changes no hash, so that nothing trains again because of it.', async () => {
    const [there] = await readAll([{ script: url }], answers(script))
    const [down] = await readAll([{ script: url }], answers('', 404))
    expect(down?.code).toMatchObject({ problem: expect.stringContaining('answered 404') })
    expect(down && recipeHashes(down)).toEqual(there && recipeHashes(there))
    const [other] = await readAll([{ script: url.replace('train', 'other') }], answers(script))
    expect(other && recipeHashes(other).howItRuns).not.toBe(there && recipeHashes(there).howItRuns)
  })
})

test('A changed file, a new file and a changed lock change what a training makes.', async () => {
  const hashOf = async () => {
    const [one] = await readAll([{ files: ['training/*.txt'] }])
    return one === undefined ? null : recipeHashes(one).whatItMakes
  }
  write('training/words.txt', 'one')
  const hashes = [await hashOf()]
  write('training/words.txt', 'two')
  hashes.push(await hashOf())
  write('training/more.txt', 'more')
  hashes.push(await hashOf())
  write('training/train.py.lock', 'version = 1\n')
  hashes.push(await hashOf())
  expect(new Set(hashes).size).toBe(4)
})
