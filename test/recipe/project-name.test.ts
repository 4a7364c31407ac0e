import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { freeProjectName, maxPrefixLength, prefixPattern } from '../../src/recipe/project-name.ts'

const revision = '5f2c1d9'.padEnd(40, '0')

/** Names while the given number of models of those names are on the Hub. */
async function nameAfter(taken: number, prefix = 'auto-retrain', sha = revision) {
  const asked: string[] = []
  const name = await freeProjectName({
    prefix,
    revision: sha,
    isTaken: async (candidate) => {
      asked.push(candidate)
      return asked.length <= taken
    },
  })
  return { name, asked }
}

test('A project name consists of the prefix and the first seven digits of the revision.', async () => {
  expect(await nameAfter(0)).toEqual({ name: 'auto-retrain-5f2c1d9', asked: ['auto-retrain-5f2c1d9'] })
})

test('If a model of that name exists, -2, -3 and so on are tried in turn.', async () => {
  expect((await nameAfter(1)).name).toBe('auto-retrain-5f2c1d9-2')
  expect((await nameAfter(3)).asked).toEqual([
    'auto-retrain-5f2c1d9',
    'auto-retrain-5f2c1d9-2',
    'auto-retrain-5f2c1d9-3',
    'auto-retrain-5f2c1d9-4',
  ])
})

test('When 999 names are taken, an error says so.', async () => {
  expect((await nameAfter(998)).name).toBe('auto-retrain-5f2c1d9-999')
  await expect(nameAfter(999)).rejects.toThrow(
    'all project names from auto-retrain-5f2c1d9 to auto-retrain-5f2c1d9-999 are taken on the Hub: choose another autotrain-project-prefix',
  )
})

test('An error of the Hub is passed on, without a name.', async () => {
  const error = new Error('the Hub is away')
  const isTaken = () => Promise.reject(error)
  await expect(freeProjectName({ prefix: 'a', revision, isTaken })).rejects.toBe(error)
})

test('Every allowed prefix leads to names that AutoTrain and the Hub accept, up to the last one.', async () => {
  const word = fc.stringMatching(/^[A-Za-z0-9]{1,38}$/)
  const prefix = fc
    .array(word, { minLength: 1, maxLength: 6 })
    .map((words) => words.join('-'))
    .filter((text) => prefixPattern.test(text))
  const sha = fc.stringMatching(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
  await fc.assert(
    fc.asyncProperty(prefix, sha, fc.constantFrom(0, 1, 9, 99, 998), async (somePrefix, someSha, taken) => {
      const { name, asked } = await nameAfter(taken, somePrefix, someSha)
      expect(name).toMatch(/^[A-Za-z0-9-]{1,50}$/)
      expect(name).not.toMatch(/^-|--|-$/)
      expect(new Set(asked).size).toBe(taken + 1)
    }),
  )
})

describe('The prefix of a project name', () => {
  test.each(['a', 'auto-retrain', 'A1-b2-C3', '7', 'x'.repeat(maxPrefixLength)])(
    'It may be %s.',
    (prefix) => {
      expect(prefix).toMatch(prefixPattern)
    },
  )

  test.each([
    '',
    '-',
    '-a',
    'a-',
    'a--b',
    'a_b',
    'a.b',
    'a b',
    'a/b',
    'ä',
    'a\n',
    'x'.repeat(maxPrefixLength + 1),
  ])('It may not be %j.', (prefix) => {
    expect(prefix).not.toMatch(prefixPattern)
  })
})
