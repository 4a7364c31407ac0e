import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createBuilders } from '../../hub/builders.ts'
import { blobOid } from '../../hub/git/git-objects.ts'
import type { FileEntry, ListedEntry } from '../../hub/git/trees.ts'
import { applyChanges, diffTrees, emptyTree, entryAt, listEntries } from '../../hub/git/trees.ts'
import { createHub } from '../../hub/hub.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-git-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const git = (...args: string[]) =>
  execFileSync('git', ['-C', folder, '-c', 'core.quotePath=false', ...args], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
    },
  }).trimEnd()

const PATHS = [
  ...[
    'a',
    'a.txt',
    'a-b/x',
    'a/b',
    'a0',
    'lib.ts',
    'lib/z',
    'lib/a/deep/er',
    'Z',
    'ä/ö',
    '\u{1f600}/x',
    '\uffee',
  ],
  ...Array.from({ length: 300 }, (_, index) => `many/${(index * 7919) % 1000}`),
].filter((path) => path !== 'a')

const entry = (text: string): FileEntry => ({
  type: 'file',
  oid: blobOid(Buffer.from(text)),
  size: text.length,
})

test("Trees and commits have git's own ids.", () => {
  const hub = createHub({ now: () => new Date(1_767_225_600_000) })
  const builders = createBuilders(hub)
  hub.accounts.addUser({ name: 'ann', token: 'hf_ann' })
  const { commits, refs, blobs } = builders.createDataset({ name: 'ann/digits' })
  const made = builders.commit('ann/digits', {
    files: Object.fromEntries(PATHS.map((path) => [path, `text of ${path}`])),
    title: 'Add all',
  })

  git('init', '--quiet', '--initial-branch', 'main')
  writeFileSync(join(folder, '.gitattributes'), [...blobs.values()][0] ?? '')
  git('add', '.gitattributes')
  const [first] = [...commits.values()]
  expect(git('write-tree')).toBe(first?.tree.oid)
  for (const path of PATHS) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), `text of ${path}`)
  }
  git('add', '--all')
  const tree = git('write-tree')
  expect(tree).toBe(made.tree.oid)
  const commit = execFileSync(
    'git',
    ['-C', folder, 'hash-object', '-t', 'commit', '--stdin', '--literally'],
    {
      input: [
        `tree ${tree}`,
        `parent ${first?.sha}`,
        'author ann <ann@users.noreply.huggingface.co> 1767225600 +0000',
        'committer ann <ann@users.noreply.huggingface.co> 1767225600 +0000',
        '',
        'Add all',
      ].join('\n'),
      encoding: 'utf8',
    },
  ).trim()
  expect(made.sha).toBe(commit)
  expect(refs.get('refs/heads/main')).toBe(commit)

  const listed = [...listEntries(made.tree, { isRecursive: true })]
  const ofGit = git('ls-tree', '-r', '-t', '-z', '--name-only', tree).split('\0').filter(Boolean)
  expect(listed.map(({ path }) => path)).toEqual(ofGit)
})

test('A listing can be continued after any of its paths, recursive or not.', () => {
  const tree = applyChanges(emptyTree, new Map(PATHS.map((path) => [path, entry(path)])))
  for (const isRecursive of [true, false]) {
    const all: ListedEntry[] = [...listEntries(tree, { isRecursive })]
    all.forEach(({ path }, index) => {
      const rest = [...listEntries(tree, { isRecursive, after: path })]
      expect(rest.map((each) => each.path)).toEqual(all.slice(index + 1).map((each) => each.path))
    })
  }
})

test('The difference between two trees, applied to the first, gives the second.', () => {
  const before = applyChanges(emptyTree, new Map(PATHS.map((path) => [path, entry(path)])))
  const changes = new Map<string, FileEntry | null>([
    ...PATHS.filter((path) => path.startsWith('lib/')).map((path): [string, null] => [path, null]),
    ['lib', entry('a file now')],
    ['Z', null],
    ['Z/inside', entry('a folder now')],
    ['many/1', entry('new')],
    ['many/new', entry('new')],
  ])
  const after = applyChanges(before, changes)
  expect(entryAt(after, 'lib')?.type).toBe('file')
  expect(entryAt(after, 'Z/inside')?.type).toBe('file')
  expect(applyChanges(before, diffTrees(before, after)).oid).toBe(after.oid)
  expect(applyChanges(after, diffTrees(after, before)).oid).toBe(before.oid)
  expect(diffTrees(before, before).size).toBe(0)
})
