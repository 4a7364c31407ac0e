import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Environment } from '../../src/relay/settings/settings.ts'
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts'
import { adapters, startOnWorkerd } from '../relay/adapters.ts'
import { deliver, environment, type LocalRelay, repository, startLocalRelay } from '../relay/local-relay.ts'
import { type GitHubWithApp, startGitHubWithApp } from './github-app-server.ts'

/** The id of a report. */
const clientId = { GITHUB_APP_ID: 'Iv1.0123456789abcdef' }
let github: GitHubWithApp
let clock: FakeClock
let relay: LocalRelay | undefined

beforeEach(async () => {
  clock = createFakeClock(Date.now())
  github = await startGitHubWithApp([repository, 'acme/other'])
})

afterEach(async () => {
  await relay?.drain()
  relay = undefined
  await github.close()
})

function appEnvironment(change: Environment = {}): Environment {
  const { appId, privateKey } = github
  return environment(github, {
    GITHUB_TOKEN: '',
    GITHUB_APP_ID: appId,
    GITHUB_APP_PRIVATE_KEY: privateKey,
    ...change,
  })
}

async function start(change: Environment = {}): Promise<LocalRelay> {
  relay = await startLocalRelay(appEnvironment(change), clock)
  return relay
}

const dispatches = () => github.requests.filter(({ path }) => path.endsWith('/dispatches'))

test('The App dispatches with a token for the one repository and Contents: write only.', async () => {
  const { url } = await start()
  expect(await deliver(url)).toMatchObject({ status: 202, json: { dispatched: [repository] } })
  expect(github.minted).toEqual([
    { token: expect.any(String), repositories: ['retrain'], permissions: { contents: 'write' } },
  ])
  expect(dispatches()[0]?.headers.authorization).toBe(`Bearer ${github.minted[0]?.token}`)
})

test('An App token is reused for the next delivery.', async () => {
  const { url } = await start()
  await deliver(url)
  await deliver(url)
  expect(github.minted).toHaveLength(1)
  expect(github.requests).toHaveLength(4)
})

test('Each repository gets its own App token.', async () => {
  const routes = [repository, 'acme/other'].map((name) => ({ dataset: 'acme/*', repository: name }))
  const { url } = await start({ GITHUB_REPOSITORY: '', RELAY_ROUTES: JSON.stringify(routes) })
  expect(await deliver(url)).toMatchObject({ status: 202 })
  // Both are requested at the same time.
  expect(github.minted.map(({ repositories }) => repositories).sort()).toEqual([['other'], ['retrain']])
})

test('A revoked App token fails one delivery, and the next delivery gets a new token.', async () => {
  const { url } = await start()
  await deliver(url)
  github.revoked.add(String(github.minted[0]?.token))
  expect(await deliver(url)).toMatchObject({ status: 502 })
  expect(await deliver(url)).toMatchObject({ status: 202 })
  expect(github.minted).toHaveLength(2)
})

test('An App key whose line ends are written as \\n is accepted.', async () => {
  const { url } = await start({ GITHUB_APP_PRIVATE_KEY: github.privateKey.replaceAll('\n', '\\n') })
  expect(await deliver(url)).toMatchObject({ status: 202 })
})

const damaged = () => github.privateKey.replace(/\n[^\n]{64}\n/, '\n')

test.each([
  ['that is cut off', () => github.privateKey.slice(0, 200), /^GITHUB_APP_PRIVATE_KEY is cut off/],
  ['with a piece missing', damaged, /^GITHUB_APP_PRIVATE_KEY is not a key that can sign/],
])('The relay does not start with an App key %s, and says so.', async (_what, key, sentence) => {
  await expect(start({ GITHUB_APP_PRIVATE_KEY: key() })).rejects.toThrow(sentence)
  expect(github.requests).toEqual([])
})

test('A Worker with an App key that cannot sign answers its first request with 500, and asks GitHub for nothing.', async () => {
  const worker = await startOnWorkerd(appEnvironment({ GITHUB_APP_PRIVATE_KEY: damaged() }))
  try {
    expect(await deliver(worker.url)).toMatchObject({ status: 500 })
    expect(github.requests).toEqual([])
  } finally {
    await worker.stop()
  }
})

test('An App whose id is a client id of the older form dispatches.', async () => {
  await github.close()
  github = await startGitHubWithApp([repository], { appId: clientId.GITHUB_APP_ID })
  const { url } = await start(clientId)
  expect(await deliver(url)).toMatchObject({ status: 202 })
})

describe('App errors', () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const cases: [string, () => Environment, string][] = [
    [
      'has a wrong key',
      () => ({ GITHUB_APP_PRIVATE_KEY: other.export({ type: 'pkcs8', format: 'pem' }).toString() }),
      'check GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY',
    ],
    ['has a wrong id', () => ({ GITHUB_APP_ID: '1' }), 'check GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY'],
    ['is not installed', () => ({ GITHUB_REPOSITORY: 'acme/none' }), 'The App is not installed on acme/none'],
  ]
  test.each(cases)(
    'An App that %s is answered 502, dispatches nothing, and the log says what to do.',
    async (_what, change, reason) => {
      const { url, lines } = await start(change())
      expect(await deliver(url)).toMatchObject({ status: 502 })
      expect(lines[0]).toMatchObject({ level: 'error', reason: expect.stringContaining(reason) })
      expect(dispatches()).toEqual([])
    },
  )
})

test.each([
  [
    403,
    'The credentials look right, but organisation acme lets in listed IP addresses only, and yours is not among them.',
    "Add the address of this machine to the organisation's IP allow list",
  ],
  [403, 'This installation has been suspended', "Unsuspend it in the settings of the App's installation"],
  [
    422,
    'The permissions requested are not granted to this installation.',
    `The App lacks the permission Contents: write on ${repository}`,
  ],
  [
    422,
    'There is at least one repository that does not exist or is not accessible to the parent installation.',
    `Add ${repository} to the repositories of the App's installation`,
  ],
  [401, "'Expiration time' claim ('exp') is too far in the future", 'Set the clock of this machine'],
  [403, 'Something that nobody knows', ''],
])('A refused App token (%d, "%s") is explained by these words.', async (status, message, advice) => {
  const { url, lines } = await start()
  github.fault({ path: /access_tokens/, status, body: { message } })
  expect(await deliver(url)).toMatchObject({ status: 502 })
  const words = message.replace(/\.$/, '')
  expect(lines[0]?.reason).toContain(
    `GitHub answered ${status} when the App asked for a token for ${repository}: "${words}".${advice && ` ${advice}`}`,
  )
  if (advice === '') expect(lines[0]?.reason).toMatch(/"\.$/)
})

test('When GitHub fails to create an App token, the answer is 503 and the next delivery tries again.', async () => {
  const { url, lines } = await start()
  github.fault({ path: /access_tokens/, times: 2, status: 503 })
  const answer = await deliver(url)
  expect(answer).toMatchObject({ status: 503 })
  expect(answer.headers.get('retry-after')).toBe('30')
  expect(lines[0]?.reason).toContain('GitHub answered 503 when the App asked for a token')
  expect(await deliver(url)).toMatchObject({ status: 202 })
})

test.each([
  ['Retry-After', 50, { 'retry-after': '60' }],
  [
    'a reset of the limit',
    400,
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 600) },
  ],
])(
  'A rate limit while an App token is created (%s) is answered 503 and passes on Retry-After.',
  async (_what, seconds, headers) => {
    const { url, lines } = await start()
    github.fault({ path: /access_tokens/, status: 403, headers })
    const answer = await deliver(url)
    expect(answer).toMatchObject({ status: 503 })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(seconds)
    expect(lines[0]?.reason).toContain('rate limit of the App is used up')
    expect(await deliver(url)).toMatchObject({ status: 202 })
  },
)

test('When the repository was renamed, the log says so and does not blame the App key.', async () => {
  const { url, lines } = await start()
  github.fault({ path: /installation$/, status: 301, headers: { location: '/repositories/1/installation' } })
  expect(await deliver(url)).toMatchObject({ status: 502 })
  expect(lines[0]?.reason).toContain('renamed or moved')
})

test('/readyz creates a new App token after GitHub refused the old one.', async () => {
  const { url } = await start()
  const ready = async () => (await deliver(url, { path: '/readyz', method: 'GET' })).status
  await deliver(url)
  github.revoked.add(String(github.minted[0]?.token))
  expect(await ready()).toBe(503)
  clock.advance(10_000)
  expect(await ready()).toBe(200)
})

test('The log has neither App tokens nor the App key.', async () => {
  const { url, lines } = await start({ GITHUB_APP_PRIVATE_KEY: github.privateKey })
  await deliver(url)
  github.fault({ path: /dispatches/, status: 422, body: { message: `no ${github.privateKey}` } })
  await deliver(url)
  const text = JSON.stringify(lines)
  expect(text).not.toContain(String(github.minted[0]?.token))
  expect(text).not.toContain(github.privateKey.slice(40, 90))
})

test.each(
  adapters.flatMap(([platform, startOn]) => [
    { platform, form: 'PKCS#8', startOn, key: () => github.pkcs8 },
    { platform, form: 'PKCS#1', startOn, key: () => github.privateKey },
  ]),
)('On $platform an App with a $form key dispatches.', async ({ startOn, key }) => {
  const running = await startOn(appEnvironment({ GITHUB_APP_PRIVATE_KEY: key() }))
  try {
    expect(await deliver(running.url)).toMatchObject({ status: 202 })
  } finally {
    await running.stop()
  }
})
