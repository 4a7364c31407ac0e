import { expect, test } from '@jest/globals'
import { describeMismatch, describeTry } from '../../src/http/debug-line.ts'

const some = { method: 'GET', result: 200, durationMs: 85.4, attempt: 1 }

test('A debug line shows method, address, status, duration and the number of the try.', () => {
  expect(describeTry({ ...some, url: 'https://hub.test/api/x' })).toBe(
    'GET https://hub.test/api/x: 200 in 85 ms (try 1)',
  )
  const failed = {
    method: 'POST',
    url: 'https://hub.test/api/x',
    result: 'ECONNRESET',
    durationMs: 3,
    attempt: 2,
  }
  expect(describeTry(failed)).toBe('POST https://hub.test/api/x: ECONNRESET in 3 ms (try 2)')
})

test('A debug line shows no query, no user and no fragment.', () => {
  const line = describeTry({ ...some, url: 'https://ann:pass@hub.test:8443/a%20b?token=hf_secret#part' })
  expect(line).toBe('GET https://hub.test:8443/a%20b: 200 in 85 ms (try 1)')
})

test('A debug line about a URL that cannot be parsed shows nothing of it.', () => {
  expect(describeTry({ ...some, url: 'not a url ?token=hf_secret' })).toBe(
    'GET (invalid URL): 200 in 85 ms (try 1)',
  )
})

test('A debug line about an unexpected body names the places, but no key that could be text from outside.', () => {
  const paths = [['name'], ['orgs', 0, 'name'], [], ['a key with spaces']]
  expect(describeMismatch({ method: 'GET', url: 'https://hub.test/api/x?q=1', paths })).toBe(
    'GET https://hub.test/api/x: unexpected body at name, orgs.0.name, (root), ?',
  )
})

test('A debug line about an unexpected body names at most five places.', () => {
  const paths = Array.from({ length: 9 }, (_, n) => [`p${n}`])
  expect(describeMismatch({ method: 'GET', url: 'https://hub.test/', paths })).toMatch(
    /at p0, p1, p2, p3, p4$/,
  )
})
