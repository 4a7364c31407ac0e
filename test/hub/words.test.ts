import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { HttpError } from '../../src/http/errors.ts'
import { knownHubMessages } from '../../src/hub/known-messages.ts'
import { adviseOnHub } from '../../src/hub/refusals.ts'
import { readHubWords } from '../../src/hub/words.ts'

const ask = { hubUrl: 'https://hub.test', owner: 'acme', rights: 'give the right', missing: 'check the name' }

const wordsOf = (body: unknown, headers: Record<string, string> = {}) =>
  readHubWords({
    headers: new Headers(headers),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

function errorOf(status: number, body: unknown, headers: Record<string, string> = {}): HttpError {
  const text = JSON.stringify(body)
  return new HttpError({
    status,
    method: 'POST',
    url: 'https://hub.test/api/jobs/acme',
    headers: new Headers(headers),
    body: text,
    words: wordsOf(text, headers),
    now: 0,
  })
}

describe("The Hub's words are read", () => {
  test.each<[string, unknown, string | null]>([
    ['from `error`', { error: 'Repository not found' }, 'Repository not found'],
    ['from `message`', { message: 'Too many' }, 'Too many'],
    ['from an `error` that is an object', { error: { message: 'No' } }, 'No'],
    ['with the details beside it', { error: 'Invalid', error_description: 'no scope' }, 'Invalid: no scope'],
    [
      'from the details of a validation',
      { detail: [{ loc: ['body'], msg: 'field required' }] },
      'field required',
    ],
    ['from the reason of a gateway', { title: 'Forbidden', reason: 'no route to acme' }, 'no route to acme'],
    ['from plain text', 'upstream connect error', 'upstream connect error'],
    ['from an answer that is cut off', '{"error":"Access to da', '{"error":"Access to da'],
    ['not from a page of HTML', '<html><title>429</title></html>', null],
    ['from an empty answer', '', null],
    ['from other fields', { status: 'x', error: 5 }, null],
  ])('%s', (_from, body, words) => {
    expect(wordsOf(body)).toBe(words)
  })

  test('from the header first.', () => {
    expect(wordsOf({ error: 'Forbidden' }, { 'x-error-message': 'Jobs are off' })).toBe('Jobs are off')
  })

  test('of any answer, whole or cut off, without an error.', () => {
    const answer = fc.record(
      { error: fc.anything(), message: fc.anything(), errors: fc.anything() },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(fc.anything(), answer), fc.nat(), (value, length) => {
        const body = JSON.stringify(value) ?? ''
        for (const text of [body, body.slice(0, length % (body.length + 1))]) {
          const words = wordsOf(text)
          expect(words === null || words.trim() !== '').toBe(true)
        }
      }),
    )
  })
})

/** One whole answer for each row of the table, as people reported it or as the Hub documents it. */
const answers: readonly [id: string, status: number, body: object, headers?: Record<string, string>][] = [
  [
    'gated, fine-grained token',
    403,
    {
      error:
        'Please enable access to public gated repositories in your fine-grained token settings to view this repository.',
    },
    { 'x-error-code': 'GatedRepo' },
  ],
  [
    'request not yet reviewed',
    403,
    { error: 'Your request to access dataset acme/pets is awaiting a review from the repo authors.' },
    { 'x-error-code': 'GatedRepo' },
  ],
  [
    'request not yet reviewed',
    403,
    { error: 'This token waits for the approval of an administrator of acme' },
  ],
  [
    'gated',
    403,
    {
      error:
        'Access to dataset acme/pets is restricted and you are not in the authorized list. Visit https://huggingface.co/datasets/acme/pets to ask for access.',
    },
    { 'x-error-code': 'GatedRepo' },
  ],
  [
    'gated',
    403,
    { error: 'You are not on the list for this gated dataset: ask for access on its page' },
    { 'x-error-code': 'GatedRepo' },
  ],
  ['single sign-on', 403, { error: 'Single Sign-On is required to access this organization' }],
  ['address list', 403, { error: 'Your IP address is not in the allowed ranges of this organization' }],
  ['address list', 403, { error: 'Your IP 203.0.113.7 is not allowed to access this organization' }],
  ['token not accepted', 401, { error: 'Invalid credentials in Authorization header' }],
  ['token not accepted', 401, { error: 'Invalid username or password.' }],
  ['token not accepted', 401, { error: 'User Access Token "ci" is expired' }],
  ['token not accepted', 401, { error: 'An administrator of acme has revoked this token' }],
  ['resource group', 403, { error: 'Jobs of this organisation need a resource group' }],
  ['no such image', 404, { error: 'There is no such image: registry answered 404' }],
  ['credits', 402, { error: 'Pre-paid credit balance is insufficient' }],
  ['too many at once', 429, { error: 'At most 4 Jobs at once on this hardware' }],
  ['Jobs switched off', 403, { error: 'Jobs are switched off for this organisation by its administrators' }],
  ['discussions switched off', 403, { error: 'Discussions are disabled for this repo' }],
  ['storage limit', 403, { error: 'Private repository storage limit reached, please upgrade your plan' }],
  [
    'rate limit',
    429,
    {
      error:
        'We had to rate limit you, you hit the quota of 1000 api requests per 5 minutes period. Upgrade to a PRO user or Team/Enterprise organization account (https://hf.co/pricing) to get higher limits. See https://huggingface.co/docs/hub/rate-limits',
    },
  ],
  ['missing right', 403, { error: 'Your token does not have the required permission: discussion.write' }],
  [
    'missing right',
    403,
    { error: 'You don\'t have the rights to create a model under the namespace "acme"' },
  ],
  ['not found', 404, { error: 'Repository not found' }, { 'x-error-code': 'RepoNotFound' }],
]

describe("The Hub's known messages", () => {
  test.each(answers)('"%s" is known by its words.', (id, status, body, headers = {}) => {
    const row = knownHubMessages.find((known) => known.id === id)
    const inHeader = Object.values(body)[0] as string
    expect(adviseOnHub(errorOf(status, body, headers), ask)).toBe(row?.advice(ask))
    expect(adviseOnHub(errorOf(status, {}, { ...headers, 'x-error-message': inHeader }), ask)).toBe(
      row?.advice(ask),
    )
  })

  test('Each has a recorded answer and a source.', () => {
    expect(new Set(answers.map(([id]) => id))).toEqual(new Set(knownHubMessages.map(({ id }) => id)))
    for (const { source } of knownHubMessages) expect(source).toMatch(/^https:\/\//)
  })

  test.each([401, 402, 403, 404, 409, 422, 429])('A %d without known words gets no advice.', (status) => {
    expect(adviseOnHub(errorOf(status, { error: 'Something new' }), ask)).toBeNull()
    expect(adviseOnHub(errorOf(status, {}), ask)).toBeNull()
  })
})
