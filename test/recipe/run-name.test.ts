import { describe, expect, test } from '@jest/globals'
import { readRunName } from '../../src/recipe/run-name.ts'

const full = '1d55c3a'.repeat(6).slice(0, 40)

describe('publish-revision', () => {
  test.each([
    ['1d55c3a', { digits: '1d55c3a', attempt: null, name: null, publishTo: null }],
    [full, { digits: full, attempt: null, name: null, publishTo: null }],
    ['1D55C3A', { digits: '1d55c3a', attempt: null, name: null, publishTo: null }],
    ['1d55c3a-2', { digits: '1d55c3a', attempt: 2, name: null, publishTo: null }],
    ['data-1d55c3a-2', { digits: '1d55c3a', attempt: null, name: 'data-1d55c3a-2', publishTo: null }],
    ['my-digits-1d55c3a', { digits: '1d55c3a', attempt: null, name: 'my-digits-1d55c3a', publishTo: null }],
    [
      'Acme/Digits-1d55c3a',
      { digits: '1d55c3a', attempt: null, name: 'acme/digits-1d55c3a', publishTo: null },
    ],
    ['Acme/digits@1D55C3A-3', { digits: '1d55c3a', attempt: 3, name: null, publishTo: 'acme/digits' }],
    [
      'acme/digits@data-1d55c3a',
      { digits: '1d55c3a', attempt: null, name: 'data-1d55c3a', publishTo: 'acme/digits' },
    ],
  ])('It takes %s.', (input, wanted) => {
    expect(readRunName(input)).toEqual(wanted)
  })

  test('It takes a project whose prefix is hex digits for a project, and not for a revision with an attempt.', () => {
    expect(readRunName('deadbeef-1234567')).toMatchObject({ digits: '1234567', name: 'deadbeef-1234567' })
  })

  test.each([
    'main',
    'v1.0',
    '1d55c3',
    `${full}0`,
    '1d55c3a-0',
    '1d55c3a-02',
    '1d55c3a ',
    'digits',
    'acme/1d55c3a',
    'acme/digits',
    'digits@1d55c3a',
    '@1d55c3a',
    'a@b@1d55c3a',
    'acme/digits@',
    'refs/tags/data-1d55c3a',
  ])('%p can name no run.', (input) => {
    expect(readRunName(input)).toBeNull()
  })

  test('A long text is judged at once.', () => {
    for (const text of ['-', 'a-', '1d55c3a-', 'a/', 'a@', '.']) {
      expect(readRunName(text.repeat(1_000_000))).toBeNull()
    }
  })
})
