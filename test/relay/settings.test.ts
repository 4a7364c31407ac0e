import { describe, expect, test } from '@jest/globals'
import { type Environment, readListenSettings, readSettings, secretsOf } from '../../src/relay/settings.ts'

const good = {
  WEBHOOK_SECRET: '0123456789abcdef',
  GITHUB_TOKEN: 'github_pat_x',
  GITHUB_REPOSITORY: 'acme/retrain',
}
const privateKey = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----'
const app = { ...good, GITHUB_TOKEN: '', GITHUB_APP_ID: '1234', GITHUB_APP_PRIVATE_KEY: privateKey }

test('Three variables are enough.', () => {
  expect(readSettings(good)).toEqual({
    secrets: ['0123456789abcdef'],
    allowQuerySecret: false,
    routes: [
      { dataset: '*/*', repository: 'acme/retrain', eventType: 'hub-webhook', ref: 'refs/heads/main' },
    ],
    credentials: { kind: 'token', token: 'github_pat_x' },
    apiUrl: 'https://api.github.com',
    serverUrl: 'https://github.com',
    adminToken: null,
    maxInFlight: 512,
  })
  expect(readListenSettings(good)).toEqual({ port: 7860, host: '0.0.0.0' })
})

describe('The relay refuses to start, with one sentence,', () => {
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
    ['with one character', { ...good, WEBHOOK_SECRET: 'x' }, /^WEBHOOK_SECRET has 1 characters, at least 16/],
    ['with 15 characters', { ...good, WEBHOOK_SECRET: 'x'.repeat(15) }, /^WEBHOOK_SECRET has 15 characters/],
    [
      'with a line end at the secret',
      { ...good, WEBHOOK_SECRET: `${'x'.repeat(16)}\n` },
      /^WEBHOOK_SECRET .*ASCII/,
    ],
    ['with a secret not in ASCII', { ...good, WEBHOOK_SECRET: 'ü'.repeat(16) }, /^WEBHOOK_SECRET .*ASCII/],
    [
      'with a short previous secret',
      { ...good, WEBHOOK_SECRET_PREVIOUS: 'x' },
      /^WEBHOOK_SECRET_PREVIOUS has 1/,
    ],
    [
      'without GITHUB_TOKEN',
      { ...good, GITHUB_TOKEN: ' ' },
      /^GITHUB_TOKEN is not set: .*Contents: read and write/,
    ],
    ['with a token over two lines', { ...good, GITHUB_TOKEN: 'a\nb' }, /^GITHUB_TOKEN has characters/],
    ['without GITHUB_REPOSITORY', { ...good, GITHUB_REPOSITORY: '' }, /^GITHUB_REPOSITORY is not set/],
    [
      'with a repository without owner',
      { ...good, GITHUB_REPOSITORY: 'retrain' },
      /^GITHUB_REPOSITORY must be owner/,
    ],
    [
      'with a URL',
      { ...good, GITHUB_REPOSITORY: 'https://github.com/a/b' },
      /^GITHUB_REPOSITORY must be owner/,
    ],
    ['with a way out', { ...good, GITHUB_REPOSITORY: 'acme/..' }, /^GITHUB_REPOSITORY must be owner\/name/],
    [
      'with two repositories',
      { ...good, GITHUB_REPOSITORY: 'a/b,c/d' },
      /^GITHUB_REPOSITORY must be owner\/name/,
    ],
    [
      'with a dataset without namespace',
      { ...good, INPUT_DATASET: 'a/b, c' },
      /^INPUT_DATASET must be namespace/,
    ],
    ['with a list of no dataset', { ...good, INPUT_DATASET: ' , ' }, /^INPUT_DATASET names no dataset/],
    [
      'with a pattern of many stars',
      { ...good, INPUT_DATASET: 'a/*x*y' },
      /^INPUT_DATASET .* at most one \*/,
    ],
    [
      'with a long event type',
      { ...good, EVENT_TYPE: 'x'.repeat(101) },
      /^EVENT_TYPE has at most 100 characters/,
    ],
    [
      'with an API that is no URL',
      { ...good, GITHUB_API_URL: 'api.github.com' },
      /^GITHUB_API_URL must be an https/,
    ],
    [
      'with an API in the clear',
      { ...good, GITHUB_API_URL: 'http://api.github.com' },
      /^GITHUB_API_URL must be/,
    ],
    ['with a server that is no URL', { ...good, GITHUB_SERVER_URL: 'github' }, /^GITHUB_SERVER_URL must be/],
    [
      'with a short admin token',
      { ...good, RELAY_ADMIN_TOKEN: 'admin' },
      /^RELAY_ADMIN_TOKEN has 5 characters/,
    ],
    [
      'with a switch that is neither',
      { ...good, ALLOW_QUERY_SECRET: 'yes' },
      /^ALLOW_QUERY_SECRET must be true/,
    ],
    ['with no room for a delivery', { ...good, MAX_IN_FLIGHT: '0' }, /^MAX_IN_FLIGHT must be a whole number/],
    ['with token and App', { ...app, GITHUB_TOKEN: 'x' }, /^GITHUB_TOKEN and GITHUB_APP_\* are both set/],
    ['with half an App', { ...app, GITHUB_APP_ID: '' }, /^GITHUB_APP_ID is not set/],
    ['with the other half', { ...app, GITHUB_APP_PRIVATE_KEY: '' }, /^GITHUB_APP_PRIVATE_KEY is not set/],
    ['with an id that is none', { ...app, GITHUB_APP_ID: 'my app' }, /^GITHUB_APP_ID must be the App's id/],
    [
      'with a key that is none',
      { ...app, GITHUB_APP_PRIVATE_KEY: 'key' },
      /^GITHUB_APP_PRIVATE_KEY must be the text/,
    ],
    [
      'with routes and repository',
      { ...good, RELAY_ROUTES: '[]' },
      /^GITHUB_REPOSITORY and RELAY_ROUTES both/,
    ],
    [
      'with routes and datasets',
      { ...good, GITHUB_REPOSITORY: '', INPUT_DATASET: 'a/b', RELAY_ROUTES: '[]' },
      /^INPUT_DATASET and RELAY_ROUTES both/,
    ],
  ]
  test.each(wrong)('%s.', (_what, env, sentence) => {
    expect(() => readSettings(env)).toThrow(expect.objectContaining({ name: 'Refused' }))
    expect(() => readSettings(env)).toThrow(sentence)
  })

  test.each(['x', '-1', '65536', '80.5', '0x50', '1e3'])('with PORT %s.', (PORT) => {
    expect(() => readListenSettings({ PORT })).toThrow('PORT must be a whole number from 0 to 65535.')
  })
})

test('Zero is a port of its own, not the default.', () => {
  expect(readListenSettings({ PORT: '0', HOST: '::1' })).toEqual({ port: 0, host: '::1' })
})

test('INPUT_DATASET is a list, white space and empty entries aside.', () => {
  const { routes } = readSettings({ ...good, INPUT_DATASET: ' a/b,, c/* ,' })
  expect(routes.map(({ dataset }) => dataset)).toEqual(['a/b', 'c/*'])
})

test('An App takes the place of the token, and its key counts as a secret.', () => {
  const settings = readSettings({ ...app, RELAY_ADMIN_TOKEN: 'admin-admin-admin' })
  expect(settings.credentials).toEqual({ kind: 'app', appId: '1234', privateKey })
  expect(secretsOf(settings)).toEqual(
    expect.arrayContaining(['0123456789abcdef', 'MIIE', 'admin-admin-admin']),
  )
})

test('No sentence shows the value that is wrong.', () => {
  for (const name of ['WEBHOOK_SECRET', 'WEBHOOK_SECRET_PREVIOUS', 'GITHUB_TOKEN', 'RELAY_ADMIN_TOKEN']) {
    expect(() => readSettings({ ...good, [name]: 'hunter2 \u0007' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    )
  }
})
