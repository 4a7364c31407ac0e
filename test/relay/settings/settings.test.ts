import { describe, expect, test } from '@jest/globals'
import {
  type Environment,
  readListenSettings,
  readSettings,
  secretsOf,
} from '../../../src/relay/settings/settings.ts'

const good = {
  WEBHOOK_SECRET: '0123456789abcdef',
  GITHUB_TOKEN: 'github_pat_x',
  GITHUB_REPOSITORY: 'acme/retrain',
}
const privateKey = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----'
const app = { ...good, GITHUB_TOKEN: '', GITHUB_APP_ID: '1234', GITHUB_APP_PRIVATE_KEY: privateKey }

test('Three variables are enough to start.', () => {
  expect(readSettings(good)).toEqual({
    secrets: ['0123456789abcdef'],
    allowQuerySecret: false,
    routes: [
      {
        dataset: '*/*',
        repository: 'acme/retrain',
        eventType: 'hub-webhook',
        ref: 'refs/heads/main',
        id: null,
        models: [],
      },
    ],
    credentials: { kind: 'token', token: 'github_pat_x' },
    apiUrl: 'https://api.github.com',
    serverUrl: 'https://github.com',
    adminToken: null,
    maxInFlight: 512,
    reconcile: { hubUrl: 'https://huggingface.co', hubToken: null, everyMs: null },
  })
  expect(readListenSettings(good)).toEqual({ port: 7860, host: '0.0.0.0' })
})

describe('Invalid settings', () => {
  const placeholder = /^\w+ is a placeholder that was not replaced/
  const wrong: [string, Environment, RegExp][] = [
    [
      'without WEBHOOK_SECRET',
      { ...good, WEBHOOK_SECRET: undefined },
      /^WEBHOOK_SECRET is not set: .*openssl/,
    ],
    ['with an empty WEBHOOK_SECRET', { ...good, WEBHOOK_SECRET: '' }, /^WEBHOOK_SECRET is not set/],
    [
      'with a blank WEBHOOK_SECRET',
      { ...good, WEBHOOK_SECRET: ' \t '.repeat(9) },
      /^WEBHOOK_SECRET is not set/,
    ],
    [
      'with a secret of one character',
      { ...good, WEBHOOK_SECRET: 'x' },
      /^WEBHOOK_SECRET is too short: it has 1 of at least 16/,
    ],
    [
      'with a secret of 15 characters',
      { ...good, WEBHOOK_SECRET: 'x'.repeat(15) },
      /^WEBHOOK_SECRET is too short: it has 15 of/,
    ],
    [
      'with a line end in the secret',
      { ...good, WEBHOOK_SECRET: `${'x'.repeat(16)}\n${'x'.repeat(16)}` },
      /^WEBHOOK_SECRET .*ASCII/,
    ],
    [
      'with a secret that is not ASCII',
      { ...good, WEBHOOK_SECRET: 'ü'.repeat(16) },
      /^WEBHOOK_SECRET .*ASCII/,
    ],
    [
      'with a short previous secret',
      { ...good, WEBHOOK_SECRET_PREVIOUS: 'x' },
      /^WEBHOOK_SECRET_PREVIOUS is too short/,
    ],
    [
      'without GITHUB_TOKEN',
      { ...good, GITHUB_TOKEN: ' ' },
      /^GITHUB_TOKEN is not set: .*Contents: read and write/,
    ],
    ['with a token over two lines', { ...good, GITHUB_TOKEN: 'a\nb' }, /^GITHUB_TOKEN contains a space or/],
    ['without GITHUB_REPOSITORY', { ...good, GITHUB_REPOSITORY: '' }, /^GITHUB_REPOSITORY is not set/],
    [
      'with a repository without owner',
      { ...good, GITHUB_REPOSITORY: 'retrain' },
      /^GITHUB_REPOSITORY must be owner\/name, not "/,
    ],
    [
      'with the URL of a repository',
      { ...good, GITHUB_REPOSITORY: 'https://github.com/a/b' },
      /^GITHUB_REPOSITORY must be owner\/name, not "/,
    ],
    [
      'with a repository called ..',
      { ...good, GITHUB_REPOSITORY: 'acme/..' },
      /^GITHUB_REPOSITORY must be owner\/name, not "acme\/\.\."\.$/,
    ],
    [
      'with two repositories',
      { ...good, GITHUB_REPOSITORY: 'a/b,c/d' },
      /^GITHUB_REPOSITORY must be owner\/name, not "a\/b,c\/d"\.$/,
    ],
    [
      'with a dataset without namespace',
      { ...good, INPUT_DATASET: 'a/b, c' },
      /^INPUT_DATASET must be namespace/,
    ],
    [
      'with an empty list of datasets',
      { ...good, INPUT_DATASET: ' , ' },
      /^INPUT_DATASET must name at least one dataset/,
    ],
    [
      'with two stars in one half of a pattern',
      { ...good, INPUT_DATASET: 'a/*x*y' },
      /^INPUT_DATASET .* at most one \*/,
    ],
    [
      'with a long event type',
      { ...good, EVENT_TYPE: 'x'.repeat(101) },
      /^EVENT_TYPE must have 1 to 100 characters/,
    ],
    [
      'with an API address that is not a URL',
      { ...good, GITHUB_API_URL: 'api.github.com' },
      /^GITHUB_API_URL must be an https/,
    ],
    [
      'with an API address without TLS',
      { ...good, GITHUB_API_URL: 'http://api.github.com' },
      /^GITHUB_API_URL must be/,
    ],
    [
      'with a server address that is not a URL',
      { ...good, GITHUB_SERVER_URL: 'github' },
      /^GITHUB_SERVER_URL must be/,
    ],
    [
      'with a short admin token',
      { ...good, RELAY_ADMIN_TOKEN: 'admin' },
      /^RELAY_ADMIN_TOKEN is too short: it has 5 of/,
    ],
    [
      'with a switch that is neither true nor false',
      { ...good, ALLOW_QUERY_SECRET: 'yes' },
      /^ALLOW_QUERY_SECRET must be true or false, not "yes"\.$/,
    ],
    [
      'with MAX_IN_FLIGHT 0',
      { ...good, MAX_IN_FLIGHT: '0' },
      /^MAX_IN_FLIGHT must be a whole number from 1 to 100000, not "0"\.$/,
    ],
    [
      'with both a token and an App',
      { ...app, GITHUB_TOKEN: 'x' },
      /^GITHUB_TOKEN and GITHUB_APP_\* are both set/,
    ],
    ['with an App key but no App id', { ...app, GITHUB_APP_ID: '' }, /^GITHUB_APP_ID is not set/],
    [
      'with an App id but no App key',
      { ...app, GITHUB_APP_PRIVATE_KEY: '' },
      /^GITHUB_APP_PRIVATE_KEY is not set/,
    ],
    [
      'with an invalid App id',
      { ...app, GITHUB_APP_ID: 'my app' },
      /^GITHUB_APP_ID must be the App's id \(a number\) or client id \(Iv...\), .*, not "my app"\.$/,
    ],
    [
      'with the name of an App',
      { ...app, GITHUB_APP_ID: 'my-app-2' },
      /^GITHUB_APP_ID must be .*"my-app-2"\.$/,
    ],
    [
      'with the client id of an OAuth app',
      { ...app, GITHUB_APP_ID: 'Ov23liABCDEF01234567' },
      /^GITHUB_APP_ID must be the App's id/,
    ],
    [
      'with a token of Hugging Face for GitHub',
      { ...good, GITHUB_TOKEN: 'hf_abcdefgh' },
      /^GITHUB_TOKEN is a Hugging Face token/,
    ],
    ['with a refresh token', { ...good, GITHUB_TOKEN: 'ghr_abcdefgh' }, /^GITHUB_TOKEN is a refresh token/],
    ['with an unreplaced secret', { ...good, WEBHOOK_SECRET: '{{ secrets.WEBHOOK_SECRET }}' }, placeholder],
    ['with an unreplaced token', { ...good, GITHUB_TOKEN: '$GITHUB_TOKEN' }, placeholder],
    ['with a token that is masked', { ...good, GITHUB_TOKEN: '***' }, placeholder],
    ['with a token that was undefined', { ...good, GITHUB_TOKEN: 'undefined' }, placeholder],
    [
      'with the web pages of GitHub for its API',
      { ...good, GITHUB_API_URL: 'https://github.com/' },
      /^GITHUB_API_URL is the address of the web pages/,
    ],
    [
      'with an unreplaced repository',
      { ...good, GITHUB_REPOSITORY: '<owner/name>' },
      /^GITHUB_REPOSITORY must/,
    ],
    [
      'with a dataset of half a name',
      { ...good, INPUT_DATASET: 'acme/' },
      /^INPUT_DATASET must be namespace/,
    ],
    [
      'with an event type of 101 emoji',
      { ...good, EVENT_TYPE: '😀'.repeat(101) },
      /^EVENT_TYPE must have 1 to 100 characters/,
    ],
    [
      'with the same route twice',
      {
        ...good,
        GITHUB_REPOSITORY: '',
        RELAY_ROUTES: JSON.stringify([
          { dataset: 'a/b', repository: 'acme/train' },
          { dataset: 'a/b', repository: 'Acme/train.git', event_type: 'hub-webhook' },
        ]),
      },
      /^RELAY_ROUTES\[1\] is the same route as RELAY_ROUTES\[0\]/,
    ],
    [
      'with routes that are no JSON',
      { ...good, GITHUB_REPOSITORY: '', RELAY_ROUTES: '[{dataset: a/b}]' },
      /^RELAY_ROUTES must be a JSON array/,
    ],
    [
      'with an invalid App key',
      { ...app, GITHUB_APP_PRIVATE_KEY: 'key' },
      /^GITHUB_APP_PRIVATE_KEY must be the text/,
    ],
    [
      'with both routes and a repository',
      { ...good, RELAY_ROUTES: '[]' },
      /^GITHUB_REPOSITORY and RELAY_ROUTES are both set/,
    ],
    [
      'with both routes and datasets',
      { ...good, GITHUB_REPOSITORY: '', INPUT_DATASET: 'a/b', RELAY_ROUTES: '[]' },
      /^INPUT_DATASET and RELAY_ROUTES are both set/,
    ],
  ]
  test.each(wrong)('The relay refuses to start %s.', (_what, env, sentence) => {
    expect(() => readSettings(env)).toThrow(expect.objectContaining({ name: 'Refused' }))
    expect(() => readSettings(env)).toThrow(sentence)
  })

  test.each(['x', '-1', '65536', '80.5', '0x50', '1e9', 'nan'])(
    'The relay refuses to start with PORT %s.',
    (PORT) => {
      expect(() => readListenSettings({ PORT })).toThrow(
        `PORT must be a whole number from 0 to 65535, not "${PORT}".`,
      )
    },
  )
})

test('PORT=0 means any free port, not the default.', () => {
  expect(readListenSettings({ PORT: '0', HOST: '::1' })).toEqual({ port: 0, host: '::1' })
})

test('INPUT_DATASET is a list separated by commas, and its spaces and empty entries are ignored.', () => {
  const { routes } = readSettings({ ...good, INPUT_DATASET: ' a/b,, c/* ,' })
  expect(routes.map(({ dataset }) => dataset)).toEqual(['a/b', 'c/*'])
})

test('A GitHub App replaces the token, and its private key counts as a secret.', () => {
  const settings = readSettings({ ...app, RELAY_ADMIN_TOKEN: 'admin-admin-admin' })
  expect(settings.credentials).toEqual({ kind: 'app', appId: '1234', privateKey })
  expect(secretsOf(settings)).toEqual(
    expect.arrayContaining(['0123456789abcdef', 'MIIE', 'admin-admin-admin']),
  )
})

test.each([
  ['a token', 'github_pat_11AAAAAAA0'],
  ['a URL with credentials', 'https://user:hunter2@github.com/a/b'],
  ['a long text', '0123456789abcdef'.repeat(4)],
])('The error for a GITHUB_REPOSITORY that is %s does not show it.', (_what, value) => {
  expect(() => readSettings({ ...good, GITHUB_REPOSITORY: value })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining(value) }),
  )
})

describe('What can be repaired for certain', () => {
  /** How clipboards, editors, shells and env files deliver a value. */
  const wrappings: [what: string, wrap: (value: string) => string][] = [
    ['a byte-order mark', (value) => `\ufeff${value}`],
    ['a line end of Windows', (value) => `${value}\r\n`],
    ['non-breaking spaces', (value) => `\u00a0${value}\u00a0`],
    ['zero-width characters', (value) => `\u200b${value}\u2060`],
  ]
  const plain = {
    ...good,
    WEBHOOK_SECRET_PREVIOUS: 'fedcba9876543210',
    RELAY_ADMIN_TOKEN: 'admin-admin-admin',
    GITHUB_API_URL: 'https://github.example/api/v3',
    INPUT_DATASET: 'acme/digits',
    EVENT_TYPE: 'hub',
    ALLOW_QUERY_SECRET: 'true',
    MAX_IN_FLIGHT: '7',
  }

  test.each(wrappings)('Variables with %s around them are read without it.', (_what, wrap) => {
    const wrapped = Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, wrap(value)]))
    expect(readSettings(wrapped)).toEqual(readSettings(plain))
    expect(readListenSettings({ PORT: wrap('80') }).port).toBe(80)
  })

  test('Quotes around a variable are dropped, those of a webhook secret belong to it.', () => {
    const quoted = Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, `"${value}"`]))
    expect(readSettings(quoted)).toEqual({
      ...readSettings(plain),
      secrets: ['"0123456789abcdef"', '"fedcba9876543210"'],
      adminToken: '"admin-admin-admin"',
    })
  })

  test.each(['acme/retrain.git', 'acme/retrain/', 'acme/retrain.git/'])(
    'The repository %s is acme/retrain.',
    (name) => {
      expect(readSettings({ ...good, GITHUB_REPOSITORY: name }).routes).toEqual(readSettings(good).routes)
      const dataset = 'a/b'
      const RELAY_ROUTES = JSON.stringify([{ dataset, repository: name }])
      expect(readSettings({ ...good, GITHUB_REPOSITORY: '', RELAY_ROUTES }).routes[0]?.repository).toBe(
        'acme/retrain',
      )
    },
  )

  test('RELAY_ROUTES may be JSON inside JSON, or stand in quotes after a byte-order mark.', () => {
    const routes = JSON.stringify([{ dataset: 'a/b', repository: 'acme/train' }])
    for (const text of [routes, JSON.stringify(routes), `\ufeff'${routes}'\r\n`]) {
      const settings = readSettings({ ...good, GITHUB_REPOSITORY: '', RELAY_ROUTES: text })
      expect(settings.routes.map(({ dataset }) => dataset)).toEqual(['a/b'])
    }
  })

  test('A switch is read in any case.', () => {
    expect(readSettings({ ...good, ALLOW_QUERY_SECRET: 'True' }).allowQuerySecret).toBe(true)
  })

  test('A dataset that is listed twice, or on lines of its own, is one route.', () => {
    const { routes } = readSettings({ ...good, INPUT_DATASET: 'a/b,a/b\r\nc/d' })
    expect(routes.map(({ dataset }) => dataset)).toEqual(['a/b', 'c/d'])
  })

  test('An event type of 100 emoji has 100 characters.', () => {
    const EVENT_TYPE = '😀'.repeat(100)
    expect(readSettings({ ...good, EVENT_TYPE }).routes[0]?.eventType).toBe(EVENT_TYPE)
  })
})

test.each(['1234', 'Iv1.0123456789abcdef', 'Iv23liABCDEF01234567', '\ufeff"1234"\r\n'])(
  'GITHUB_APP_ID may be %j.',
  (GITHUB_APP_ID) => {
    expect(readSettings({ ...app, GITHUB_APP_ID }).credentials).toMatchObject({
      appId: GITHUB_APP_ID.replaceAll(/[^\w.]/g, ''),
    })
  },
)

test('An error shows the invisible characters of a wrong value.', () => {
  expect(() => readSettings({ ...good, GITHUB_REPOSITORY: 'acme/re\u200btrain' })).toThrow(
    'not "acme/re\\u200btrain".',
  )
  expect(() => readSettings({ ...good, GITHUB_REPOSITORY: '😀'.repeat(50) })).toThrow(
    `"${'😀'.repeat(10)}..."`,
  )
})

test('No error shows the value of a secret.', () => {
  for (const name of ['WEBHOOK_SECRET', 'WEBHOOK_SECRET_PREVIOUS', 'GITHUB_TOKEN', 'RELAY_ADMIN_TOKEN']) {
    expect(() => readSettings({ ...good, [name]: 'hunter2 \u0007' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    )
  }
})
