import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { atEndpoint, withoutQuery } from '../../../src/http/endpoint.ts'

const at = (address: string, endpoint = 'https://mirror.test') =>
  atEndpoint(address, { endpoint, base: `${endpoint}/api/datasets/acme/pets/tree/main?recursive=true` })

test.each([
  [
    'of the original behind a mirror',
    'https://huggingface.co/api/datasets/acme/pets/tree/SHA?recursive=true&cursor=abc',
    'https://mirror.test/api/datasets/acme/pets/tree/SHA?recursive=true&cursor=abc',
  ],
  ['without an origin', '/api/x?page=2', 'https://mirror.test/api/x?page=2'],
  ['with a query only', '?cursor=2', 'https://mirror.test/api/datasets/acme/pets/tree/main?cursor=2'],
  ['with a user', 'https://user:pass@evil.test/x', 'https://mirror.test/x'],
  ['with an origin in its path', 'https://evil.test//other.test/x', 'https://mirror.test//other.test/x'],
  ['without a scheme', '//evil.test/x', 'https://mirror.test/x'],
])('An address %s is asked of the configured endpoint.', (_what, address, expected) => {
  expect(at(address)).toBe(expected)
})

test('The path of the configured endpoint stays in front, once.', () => {
  expect(at('https://huggingface.co/api/x', 'https://mirror.test/hf')).toBe('https://mirror.test/hf/api/x')
  expect(at('https://mirror.test/hf/api/x', 'https://mirror.test/hf')).toBe('https://mirror.test/hf/api/x')
})

test.each(['javascript:alert(1)', 'data:,x', 'file:///etc/passwd', 'https://'])(
  '%s is no address to ask.',
  (address) => {
    expect(at(address)).toBeNull()
  },
)

test('No address leads away from the configured endpoint.', () => {
  const address = fc.oneof(
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.string({ unit: 'binary' }),
    fc.string().map((text) => `//${text}`),
    fc.string().map((text) => `https://${text}@evil.test\\@mirror.test/`),
    fc.webUrl().map((url) => url.slice(0, url.length / 2)),
  )
  fc.assert(
    fc.property(
      address,
      fc.constantFrom('https://mirror.test', 'https://mirror.test/hf'),
      (text, endpoint) => {
        const asked = at(text, endpoint)
        if (asked !== null) expect(new URL(asked).origin).toBe('https://mirror.test')
        if (asked !== null) expect(new URL(asked).pathname.startsWith(new URL(endpoint).pathname)).toBe(true)
      },
    ),
  )
})

test.each([
  ['https://hub.test/x?token=a#b', 'https://hub.test/x'],
  ['https://user:pass@hub.test/x?token=a', 'https://hub.test/x'],
  ['https://hub.test', 'https://hub.test'],
  ['no address', '(invalid URL)'],
])('Shown without what may be secret, %s is %s.', (address, shown) => {
  expect(withoutQuery(address)).toBe(shown)
})
