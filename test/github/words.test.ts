import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { adviseOnGitHub, knownGitHubMessages } from '../../src/github/known-messages.ts'
import { readGitHubWords } from '../../src/github/words.ts'

const ask = {
  token: 'github-token',
  repository: 'acme/train',
  rights: 'give the right',
  renew: 'set a new token',
  missing: 'check the name',
}
const wordsOf = (body: unknown) =>
  readGitHubWords({ headers: new Headers(), body: typeof body === 'string' ? body : JSON.stringify(body) })

describe("GitHub's words are read", () => {
  test.each<[string, unknown, string | null]>([
    [
      'from the message',
      { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' },
      'Not Found',
    ],
    [
      'with the details of a failed validation',
      {
        message: 'Validation Failed',
        errors: [
          'Could not resolve to a node',
          { resource: 'Ref', field: 'sha', code: 'invalid' },
          { message: 'No' },
        ],
      },
      'Validation Failed: Could not resolve to a node; Ref sha invalid; No',
    ],
    ['from the errors of GraphQL', { data: null, errors: [{ type: 'FORBIDDEN', message: 'SAML' }] }, 'SAML'],
    [
      'from plain text',
      'Request forbidden by administrative rules.',
      'Request forbidden by administrative rules.',
    ],
    ['from `error`, as a proxy writes it', { error: 'blocked by policy' }, 'blocked by policy'],
    ['from a list of texts', ['a', 5, 'b'], 'a; b'],
    ['from an answer that is cut off', '{"message":"Resource not acc', '{"message":"Resource not acc'],
    ['from an empty answer', '', null],
    ['from a message of another kind', { message: 7, errors: [null, 5, []] }, null],
    ['not from a page of HTML', '<!DOCTYPE html><title>Unicorn!</title>', null],
  ])('%s', (_from, body, words) => {
    expect(wordsOf(body)).toBe(words)
  })

  test('of any answer, whole or cut off, without an error.', () => {
    const answer = fc.record({ message: fc.anything(), errors: fc.anything() }, { requiredKeys: [] })
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

/** One whole answer for each row of the table, as people reported it or as GitHub documents it. */
const answers: readonly [id: string, body: object][] = [
  [
    'address list',
    {
      message:
        'Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.',
      documentation_url: 'https://docs.github.com/rest',
      status: '403',
    },
  ],
  [
    'address list',
    {
      message:
        'The credentials look right, but organisation acme lets in listed IP addresses only, and yours is not among them.',
    },
  ],
  [
    'single sign-on',
    {
      message:
        'Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.',
      documentation_url:
        'https://docs.github.com/articles/authenticating-to-a-github-organization-with-saml-single-sign-on/',
    },
  ],
  ['single sign-on', { message: 'Organisation acme asks for SAML: authorise this token for it first.' }],
  [
    'archived',
    {
      message: 'Repository was archived so is read-only.',
      documentation_url: 'https://docs.github.com/rest/git/refs',
    },
  ],
  ['archived', { message: 'This repository is archived and cannot be written to.' }],
  [
    'suspended installation',
    {
      message: 'This installation has been suspended',
      documentation_url:
        'https://docs.github.com/rest/reference/apps#create-an-installation-access-token-for-an-app',
      status: '403',
    },
  ],
  [
    'suspended account',
    { message: 'Sorry. Your account was suspended', documentation_url: 'https://docs.github.com/rest' },
  ],
  [
    'classic tokens forbidden',
    {
      message:
        '`acme` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.',
    },
  ],
  [
    'token lives too long',
    {
      message:
        "The 'acme' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 90 days. Please adjust your token's lifetime at the following URL: https://github.com/settings/personal-access-tokens/12885303",
      documentation_url: 'https://docs.github.com/rest/commits/commits#get-a-commit',
      status: '403',
    },
  ],
  [
    'token lives too long',
    {
      message:
        'Organisation acme takes fine-grained tokens of at most 366 days, this one lives longer. Change how long it lives, on the page of the token: https://github.com/settings/personal-access-tokens/0000000000/edit?why=lifetime-of-the-token',
    },
  ],
  ['rules of the repository', { message: 'Reference update failed' }],
  [
    'rules of the repository',
    {
      message: 'Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n',
      documentation_url: 'https://docs.github.com/rest/git/refs#create-a-reference',
      status: '422',
    },
  ],
  ['rules of the repository', { message: 'Rule of the repository broken: refs may not be created here' }],
  [
    'no right for a token of Actions or an App',
    {
      message: 'Resource not accessible by integration',
      documentation_url: 'https://docs.github.com/rest/git/tags',
      status: '403',
    },
  ],
  [
    'no right for a personal token',
    { message: 'Resource not accessible by personal access token', status: '403' },
  ],
  ['empty repository', { message: 'Git Repository is empty.', status: '409' }],
  ['unknown commit', { message: 'Object does not exist', status: '422' }],
  [
    'token not accepted',
    { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest', status: '401' },
  ],
  ['not found', { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' }],
  [
    'event type',
    {
      message: 'Invalid request.\n\nFor \'properties/event_type\', "x" is longer than 100 characters.',
      documentation_url: 'https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event',
    },
  ],
]

describe("GitHub's known messages", () => {
  test.each(answers)('"%s" is known by its words.', (id, body) => {
    const words = wordsOf(body)
    const row = knownGitHubMessages.find(({ says }) => says.test(words ?? ''))
    expect(row?.id).toBe(id)
    expect(adviseOnGitHub(words, ask)).toBe(row?.advice(ask))
  })

  test('Each has a recorded answer and a source.', () => {
    expect(new Set(answers.map(([id]) => id))).toEqual(new Set(knownGitHubMessages.map(({ id }) => id)))
    for (const { source } of knownGitHubMessages) expect(source).toMatch(/^https:\/\//)
  })

  test.each([null, 'Repository access blocked', 'Server Error', 'Problems parsing JSON'])(
    '%j is not one of them and gets no advice.',
    (words) => {
      expect(adviseOnGitHub(words, ask)).toBeNull()
    },
  )
})
