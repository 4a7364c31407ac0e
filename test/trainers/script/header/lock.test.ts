import { expect, test } from '@jest/globals'
import { readScriptHeader } from '../../../../src/trainers/script/header/header.ts'
import { reviewLock } from '../../../../src/trainers/script/header/lock.ts'

const lock = (...registries: string[]) =>
  [
    'version = 1',
    'revision = 5',
    'requires-python = ">=3.12"',
    ...registries.map(
      (url, index) => `[[package]]\nname = "p${index}"\nversion = "1"\nsource = { registry = "${url}" }`,
    ),
    '[[package]]\nname = "g"\nversion = "1"\nsource = { git = "https://git.example/g" }',
  ].join('\n')
const publicIndex = 'https://pypi.org/simple'
const mirror = 'https://ann:pass@mirror.example/simple'

const review = (text: string, { header = '', environment = {} } = {}) => {
  const reading = readScriptHeader(header)
  if (!reading.isRead) throw new Error(reading.problem.message)
  return reviewLock({ path: 'train.py.lock', text, header: reading.header, environment })
}

test('A lock of the public index can be used.', () => {
  expect(review(lock(publicIndex, `${publicIndex}/`))).toEqual({
    found: '3 locked',
    problem: null,
    warning: null,
  })
})

test('A lock of another index gives one warning, without the password in its address.', () => {
  expect(review(lock(publicIndex, mirror, mirror))).toEqual({
    found: '4 locked',
    problem: null,
    warning:
      'train.py.lock was made with the package index "https://mirror.example/simple", which the Job may not reach: make it with the public index, or name the index under [[tool.uv.index]] in the header.',
  })
})

test.each([
  [
    'the header',
    { header: '# /// script\n# [[tool.uv.index]]\n# url = "https://mirror.example/simple/"\n# ///\n' },
  ],
  ['the environment', { environment: { UV_INDEX: 'https://a.example https://mirror.example/simple' } }],
])('A lock of an index that %s names gives no warning.', (_, options) => {
  expect(review(lock(mirror), options).warning).toBeNull()
})

test.each([
  ['empty', '', /it must say version = 1\): run uv lock --script train\.py again\.$/],
  ['of another format', 'version = 9\n', /it must say version = 1/],
  [
    'with a merge conflict',
    '<<<<<<< HEAD\nversion = 1\n=======\n',
    /marks of a merge conflict\): run uv lock/,
  ],
  ['cut off', 'version = 1\n[[package', /TOML error at line 2, column/],
])('A lock is refused that is %s.', (_, text, problem) => {
  expect(review(text).problem).toMatch(problem)
})

test('A lock of other things than packages is read all the same.', () => {
  expect(review('version = 1\npackage = [1, { source = "x" }, { source = { registry = 1 } }]\n')).toEqual({
    found: '3 locked',
    problem: null,
    warning: null,
  })
})
