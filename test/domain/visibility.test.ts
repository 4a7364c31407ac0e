import { expect, test } from '@jest/globals'
import { maskPrivate } from '../../src/domain/visibility.ts'

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
