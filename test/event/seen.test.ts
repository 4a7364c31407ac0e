import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { readSeen, type Seen, seenPrefixOf, seenRef } from '../../src/event/seen.ts'

const watched = { dataset: 'acme/secret-digits', ref: 'refs/heads/main' }
const key = 'acme-vision-12345678'
const seen: Seen = {
  revision: 'a'.repeat(40),
  verdict: 'skipped',
  reason: 'Nothing relevant changed.',
  warns: false,
  again: null,
  wait: 0,
  workflow: 'acme/retrain/.github/workflows/retrain.yml@refs/heads/main',
  config: null,
  howItRuns: '0123456789abcdef',
  models: [],
}

describe('The ref of what a recipe saw', () => {
  test('It is below a hash of the dataset and its branch, so that it names neither.', async () => {
    const hash = createHash('sha256')
      .update(JSON.stringify([watched.dataset, watched.ref]))
      .digest('hex')
    expect(await seenRef({ ...watched, key })).toBe(`refs/auto-retrain/seen/${hash.slice(0, 16)}/${key}`)
    expect(await seenRef({ ...watched, key })).not.toContain('digits')
  })

  test('All recipes of a dataset and branch are below one prefix, and no others.', async () => {
    const prefix = await seenPrefixOf(watched)
    expect((await seenRef({ ...watched, key: 'another-recipe-00000001' })).startsWith(prefix)).toBe(true)
    expect(await seenPrefixOf({ ...watched, ref: 'refs/heads/dev' })).not.toBe(prefix)
    expect(await seenPrefixOf({ ...watched, dataset: 'acme/digits' })).not.toBe(prefix)
  })

  test('A dataset and branch whose joined names are the same have another one.', async () => {
    expect(await seenPrefixOf({ dataset: 'a/b', ref: 'c' })).not.toBe(
      await seenPrefixOf({ dataset: 'a', ref: 'b/c' }),
    )
  })
})

describe('Reading what was seen', () => {
  test('It is read as it was written, with fields that a newer version added.', () => {
    expect(readSeen(JSON.stringify(seen))).toEqual(seen)
    expect(readSeen(JSON.stringify({ ...seen, more: 1 }))).toEqual({ ...seen, more: 1 })
    const again = '2026-01-02T12:00:00.000Z'
    expect(readSeen(JSON.stringify({ ...seen, again }))?.again).toBe(again)
  })

  test('What comes back by itself in a way that only a newer version knows is not known, and the rest is read.', () => {
    expect(readSeen(JSON.stringify({ ...seen, comesBack: 'on-mondays' }))).toEqual({
      ...seen,
      comesBack: null,
    })
    expect(readSeen(JSON.stringify({ ...seen, comesBack: 'more-data' }))?.comesBack).toBe('more-data')
  })

  test.each<[string, string | null]>([
    ['nothing', null],
    ['an empty text', ''],
    ['half an entry', JSON.stringify(seen).slice(0, -1)],
    ['no full sha', JSON.stringify({ ...seen, revision: 'main' })],
    ['an unknown verdict', JSON.stringify({ ...seen, verdict: 'done' })],
    ['a time that is none', JSON.stringify({ ...seen, again: 'soon' })],
    ['an entry without its owner', JSON.stringify({ ...seen, workflow: undefined })],
  ])('%s counts as no entry: the check does its work again.', (_what, message) => {
    expect(readSeen(message)).toBeNull()
  })
})
