import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Environment } from '../../src/relay/settings/settings.ts'
import type { SandboxGitHub } from '../sandbox/github/github.ts'
import { dataset, hubEvent, secret } from './event.ts'
import {
  type DeliveryChange,
  deliver,
  environment,
  repository,
  startSandbox,
  token,
  until,
} from './local-relay.ts'
import { type RelayProcess, startRelayProcess } from './program.ts'

const path = /\/dispatches$/
let github: SandboxGitHub
let relay: RelayProcess | undefined

beforeEach(async () => {
  github = await startSandbox()
})

afterEach(async () => {
  relay?.kill('SIGKILL')
  await relay?.ended
  relay = undefined
  await github.close()
})

async function start(change: Environment = {}, words: string[] = []): Promise<RelayProcess> {
  relay = await startRelayProcess(environment(github, change), words)
  return relay
}

test('The program prints its address, what it forwards and whether it is ready, and it relays.', async () => {
  const { url, stdout } = await start({ INPUT_DATASET: dataset })
  await until(() => stdout().includes('Ready'))
  expect(stdout()).toMatch(
    /^The relay listens on http:\/\/127\.0\.0\.1:\d+\nCommits on acme\/digits \(refs\/heads\/main\) are sent to acme\/retrain as hub-webhook\nReady: [^\n]+\n$/,
  )
  expect(await deliver(url)).toMatchObject({ status: 202, json: { dispatched: [repository] } })
  expect(github.dispatches).toHaveLength(1)
})

test('The program says when it listens on all addresses of the machine.', async () => {
  const { stdout } = await start({ HOST: '' })
  expect(stdout()).toMatch(/:\d+ and on all other addresses of this machine\n/)
})

test('A token that GitHub refuses is in the log before the first event, and the program says that it is not ready.', async () => {
  const { stdout } = await start({ GITHUB_TOKEN: 'github_pat_revoked' })
  await until(() => stdout().includes('set a new GITHUB_TOKEN'))
  await until(() => stdout().includes('Not ready: '))
  expect(github.requests.map(({ method }) => method)).toEqual(['GET'])
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  'On %s the relay finishes requests in progress, accepts no new ones, writes its last log lines and exits 0.',
  async (signal) => {
    const running = await start()
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow = createServer((_request, response) => void held.then(() => response.writeHead(204).end()))
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve))
    running.kill('SIGKILL')
    await running.ended
    let called = false
    slow.on('request', () => {
      called = true
    })
    const { url, kill, ended, stdout } = await start({
      GITHUB_API_URL: `http://127.0.0.1:${(slow.address() as AddressInfo).port}`,
    })
    const inProgress = deliver(url)
    await until(() => called)
    kill(signal)
    await refused(url)
    release()
    expect(await inProgress).toMatchObject({ status: 202 })
    expect(await ended).toBe(0)
    expect(stdout()).toContain('"outcome":"dispatched"')
    slow.close()
    slow.closeAllConnections()
  },
)

async function refused(url: string): Promise<void> {
  const accepts = async () => {
    const response = await fetch(`${url}/healthz`, { headers: { connection: 'close' } }).catch(() => null)
    await response?.text()
    return response !== null
  }
  while (await accepts());
}

test('On SIGTERM an idle relay exits at once, even with a kept-alive connection.', async () => {
  const { url, kill, ended } = await start()
  await (await fetch(`${url}/healthz`)).text()
  kill('SIGTERM')
  expect(await ended).toBe(0)
})

test('A relay killed while it waits for GitHub acknowledges nothing.', async () => {
  const { url, kill, ended } = await start()
  github.fault({ path, times: 1, hang: true })
  const answer = deliver(url).catch(() => 'no answer')
  await until(() => github.requests.length === 1)
  kill('SIGKILL')
  expect(await ended).toBe('SIGKILL')
  expect(await answer).toBe('no answer')
})

describe('Start-up errors', () => {
  test.each([
    ['WEBHOOK_SECRET', '', /^WEBHOOK_SECRET is not set: [^\n]+\n$/],
    ['WEBHOOK_SECRET', '   ', /^WEBHOOK_SECRET is not set: [^\n]+\n$/],
    ['WEBHOOK_SECRET', 'x', /^WEBHOOK_SECRET is too short[^\n]+\n$/],
    ['GITHUB_TOKEN', '', /^GITHUB_TOKEN is not set[^\n]+\n$/],
    ['GITHUB_REPOSITORY', 'retrain', /^GITHUB_REPOSITORY must be owner\/name, not "retrain"\.\n$/],
    ['PORT', '80808', /^PORT must be a whole number[^\n]+\n$/],
  ])(
    'A wrong setting (%s=%j) ends the program with exit code 1 and one sentence on stderr.',
    async (name, value, sentence) => {
      const { ended, stderr, stdout } = await start({ [name]: value })
      expect(await ended).toBe(1)
      expect(stderr()).toMatch(sentence)
      expect(stdout()).toBe('')
    },
  )

  test.each([[['recoincile']], [['reconcile', 'now']], [['--help']]])(
    'Words that are no command (%j) end the program with exit code 1 and how it is used on stderr.',
    async (words) => {
      const { ended, stderr, stdout } = await start({}, words)
      expect(await ended).toBe(1)
      expect(stderr()).toBe('usage: node dist/relay/index.js [reconcile]\n')
      expect(stdout()).toBe('')
    },
  )

  test('A wrong setting ends a reconcile with exit code 1 and one sentence on stderr.', async () => {
    const { ended, stderr, stdout } = await start({ RECONCILE_EVERY: 'often' }, ['reconcile'])
    expect(await ended).toBe(1)
    expect(stderr()).toMatch(/^RECONCILE_EVERY must be a duration from 1m to 24h[^\n]+\n$/)
    expect(stdout()).toBe('')
  })

  test('A port that is in use ends the program with exit code 1 and one sentence on stderr.', async () => {
    const { ended, stderr } = await start({ PORT: new URL(github.url).port })
    expect(await ended).toBe(1)
    expect(stderr()).toMatch(/^The relay cannot listen on 127\.0\.0\.1:\d+ \(EADDRINUSE\)[^\n]+\n$/)
  })
})

test('No secret, in any encoding, is in the output, the answers or the requests of the program.', async () => {
  const previous = 'the secret "before" this&one'
  const running = await start({ WEBHOOK_SECRET_PREVIOUS: previous, ALLOW_QUERY_SECRET: 'true' })
  const { url } = running
  const texts: string[] = []
  const send = async (change: DeliveryChange = {}) => {
    const { text, headers } = await deliver(url, change)
    texts.push(text, JSON.stringify([...headers]))
  }
  await send()
  await send({ headers: { 'x-webhook-secret': previous, 'webhook-id': `${secret} ${previous}` } })
  await send({ path: `/webhook?secret=${secret}`, headers: { 'x-webhook-secret': undefined } })
  await send({ path: `/webhook?secret=${secret}x`, headers: { 'x-webhook-secret': undefined } })
  await send({ body: `{"secret": "${secret}"` })
  // These answers quote what the caller sent; the log must not.
  const refs = [{ ref: token, newSha: null }]
  await deliver(url, { body: JSON.stringify(hubEvent({ event: { scope: secret } })) })
  await deliver(url, {
    body: JSON.stringify(hubEvent({ updatedRefs: refs })),
    headers: { authorization: token },
  })
  for (const status of [401, 422, 500]) {
    github.fault({ path, times: 1, status, body: { message: `Bad credentials ${token} ${secret}` } })
    await send()
  }
  github.fault({ path, times: 3, reset: true })
  await send()
  const sent = github.requests.map(({ body, path: to }) => `${to} ${body}`)

  running.kill('SIGTERM')
  await running.ended
  const seen = [running.stdout(), running.stderr(), ...texts, ...sent].join('\n')
  for (const hidden of [secret, previous, token]) {
    const bytes = Buffer.from(hidden)
    const forms = [hidden, encodeURIComponent(hidden), JSON.stringify(hidden).slice(1, -1)]
    for (const encoding of ['base64', 'base64url', 'hex'] as const) {
      forms.push(bytes.toString(encoding).replace(/=+$/, '').slice(0, -2))
    }
    expect(forms.filter((form) => seen.includes(form))).toEqual([])
  }
})

test('A thousand changes of settings cause no dispatch and one log line each.', async () => {
  const running = await start()
  const body = JSON.stringify(
    hubEvent({ event: { scope: 'repo.config' }, updatedRefs: undefined, updatedConfig: {} }),
  )
  for (let n = 0; n < 1000; n += 50) {
    await Promise.all(Array.from({ length: 50 }, () => deliver(running.url, { body })))
  }
  expect(github.requests.filter(({ method }) => method === 'POST')).toEqual([])
  running.kill('SIGTERM')
  await running.ended
  expect(running.stdout().match(/"outcome":"ignored"/g)).toHaveLength(1000)
})
