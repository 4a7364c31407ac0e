import { describe, expect, test } from '@jest/globals'
import { maskPrivate, namedIn, type Visibility } from '../../src/domain/visibility.ts'

const things = [{ name: 'acme/pets', visibility: 'private', replacement: 'the dataset' } as const]
const masked = (text: string) => maskPrivate(text, { place: 'public', things })

test.each([
  ['a sentence', 'acme/pets is gone', 'the dataset is gone'],
  [
    'an address, which stays one',
    'GET https://hub.test/api/datasets/acme/pets/revision/main answered 429',
    'GET https://hub.test/api/datasets/…/revision/main answered 429',
  ],
  [
    'an address, percent-encoded',
    'https://hub.test/x?repo=acme%2Fpets',
    'https://hub.test/x?repo=the dataset',
  ],
  [
    'a folder of a cache',
    "No such file: '/cache/hub/datasets--acme--pets/x', '/cache/datasets/acme___pets/y'",
    "No such file: '/cache/hub/datasets--the dataset/x', '/cache/datasets/…/y'",
  ],
  ["a service's own spelling", 'No access to Acme/Pets', 'No access to the dataset'],
])('A private name is hidden in %s.', (_where, text, expected) => {
  expect(masked(text)).toBe(expected)
})

test('A private name stands where only those who may know it read.', () => {
  expect(maskPrivate('acme/pets', { place: 'private', things })).toBe('acme/pets')
})

describe('The name of the published model', () => {
  const maskedFor = (
    publication: Parameters<typeof namedIn>[0]['publication'],
    text: string,
    dataset = 'acme/data',
  ) =>
    maskPrivate(text, {
      place: 'public',
      things: namedIn({
        recipe: { inputDataset: dataset, inputModel: 'acme/base', publishTo: 'acme/digits' },
        datasetVisibility: 'public',
        baseVisibility: 'public',
        publication: publication ?? null,
      }),
    })
  const of = (visibility: Visibility) => ({ model: 'acme/digits', visibility })
  const text = 'acme/digits was replaced by acme/digits-3f2a9c4 (https://hub.test/acme/digits/commit/1)'

  test.each([
    ['private', of('private')],
    ['of unknown visibility', of('unknown')],
    ['not looked up yet', null],
  ])(
    'It is hidden when the model is %s, and the name of a run that begins like it stays.',
    (_is, publication) => {
      expect(maskedFor(publication, text)).toBe(
        'the published model was replaced by acme/digits-3f2a9c4 (https://hub.test/…/commit/1)',
      )
    },
  )

  test.each(['acme/digits.', 'acme/digits-', 'acme/digits, acme/digits: acme/digits'])(
    'It is hidden before a sign: %s',
    (sentence) => {
      expect(maskedFor(of('private'), sentence)).not.toContain('acme/digits')
    },
  )

  test('It stays when the model is public, and when it is the name of the public dataset as well.', () => {
    expect(maskedFor(of('public'), text)).toBe(text)
    expect(maskedFor(of('private'), text, 'Acme/digits')).toBe(text)
  })
})
