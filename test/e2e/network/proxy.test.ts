import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { publicPath } from '../../github/enterprise-server.ts'
import { type ConnectProxy, startConnectProxy } from '../../http/proxy/connect-proxy.ts'
import { type HttpsFront, startHttpsFront } from '../../http/proxy/https-front.ts'
import { deliver, until } from '../../relay/local-relay.ts'
import { type RelayProcess, startRelayProcess } from '../../relay/program.ts'
import { names, startWorld, type World } from '../../sandbox/world.ts'
import { runPackagedAction } from './packaged-action.ts'

/** A GitHub Enterprise Server has its REST API below /api/v3, and its GraphQL API beside that. */
const apiUrl = 'https://ghes.example/api/v3'
const password = 'proxy-pass-word-0001'
let world: World
let front: HttpsFront
let proxy: ConnectProxy
let relay: RelayProcess | undefined

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

beforeEach(async () => {
  front = await startHttpsFront({
    'hub.example': (path) => world.hub.url + path,
    'code.example': () =>
      `data:,${encodeURIComponent('# /// script\n# dependencies = []\n# ///\nprint(1)\n')}`,
    'ghes.example': (path) => world.github.url + (publicPath(path) ?? '/not-found'),
  })
  proxy = await startConnectProxy({ targetPort: front.port, credentials: `ada:${password}` })
})

afterEach(async () => {
  relay?.kill('SIGKILL')
  await relay?.ended
  relay = undefined
  await Promise.all([front.close(), proxy.close()])
})

const environment = () => ({
  HTTPS_PROXY: `http://ada:${password}@${proxy.host}`,
  NODE_EXTRA_CA_CERTS: front.caFile,
})

describe('The packaged action', () => {
  const run = (change: Record<string, string> = {}, inputs: Record<string, string> = {}) =>
    runPackagedAction({
      inputs: {
        'hf-token': names.hubToken,
        'github-token': world.github.issueToken(names.repository, { contents: 'write', metadata: 'read' }),
        'input-dataset': names.dataset,
        'input-model': names.model,
        'target-namespace': names.org,
        'autotrain-project-prefix': 'digits',
        trainer: 'autotrain-classic',
        'dry-run': 'true',
        ...inputs,
      },
      env: {
        GITHUB_API_URL: apiUrl,
        HF_ENDPOINT: 'https://hub.example',
        AUTOTRAIN_API_URL: world.autotrain.url,
        ...environment(),
        ...change,
      },
    })

  test('The action reaches the Hub and GitHub Enterprise Server through the proxy, and masks the password.', async () => {
    const { exitCode, log, outputs } = await run()
    expect(log).toContain(`::add-mask::${password}`)
    expect(outputs).toMatch(/^planned$/m)
    expect(exitCode).toBe(0)
    expect(new Set(proxy.connects)).toEqual(new Set(['hub.example:443', 'ghes.example:443']))
    expect(front.requests.filter((line) => line.startsWith('GET hub.example/api/datasets/'))).not.toEqual([])
    expect(front.requests.filter((line) => line.startsWith('GET ghes.example/api/v3/repos/'))).not.toEqual([])
    expect(log.replaceAll(/^::add-mask::.*$/gm, '') + outputs).not.toContain(password)
  })

  test('A training script of a URL is fetched through the proxy.', async () => {
    const script = `https://code.example/acme/code/${'0123456789'.repeat(4)}/train.py`
    const { outputs } = await run({}, { trainer: 'script', script })
    expect(outputs).toMatch(/^planned$/m)
    expect(proxy.connects).toContain('code.example:443')
    expect(front.requests.filter((line) => line.startsWith('GET code.example/'))).toHaveLength(1)
  })

  test('The action does not use the proxy for hosts in NO_PROXY.', async () => {
    const { exitCode, log } = await run({ NO_PROXY: '.example' })
    expect(log).toContain('ENOTFOUND')
    expect(exitCode).toBe(1)
    expect(proxy.connects).toEqual([])
  })

  test('The action names the proxy variable when the proxy refuses its password, and shows no password.', async () => {
    const wrong = 'another-pass-word-0002'
    const { exitCode, log, outputs } = await run({ HTTPS_PROXY: `http://ada:${wrong}@${proxy.host}` })
    expect(outputs).toContain('the proxy in HTTPS_PROXY answered 407')
    expect(exitCode).toBe(1)
    expect(log.replaceAll(/^::add-mask::.*$/gm, '') + outputs).not.toContain(wrong)
  })

  test('The action names NODE_EXTRA_CA_CERTS when it does not know the CA.', async () => {
    const { exitCode, outputs } = await run({ NODE_EXTRA_CA_CERTS: '' })
    expect(outputs).toContain('set NODE_EXTRA_CA_CERTS to a PEM file')
    expect(exitCode).toBe(1)
  })

  test('A malformed proxy ends the action in one sentence that does not show the value.', async () => {
    const { exitCode, log, outputs } = await run({ HTTPS_PROXY: `socks5://ada:${password}@proxy.example` })
    expect(outputs).toContain('HTTPS_PROXY must be the URL of an http:// or https:// proxy')
    expect(exitCode).toBe(1)
    expect(log.replaceAll(/^::add-mask::.*$/gm, '') + outputs).not.toContain(password)
  })
})

describe('The packaged relay', () => {
  const start = async (change: Record<string, string> = {}): Promise<RelayProcess> => {
    relay = await startRelayProcess({
      PORT: '0',
      HOST: '127.0.0.1',
      WEBHOOK_SECRET: names.webhookSecret,
      GITHUB_TOKEN: names.relayToken,
      GITHUB_REPOSITORY: names.repository,
      GITHUB_API_URL: apiUrl,
      ...environment(),
      ...change,
    })
    return relay
  }

  test("The relay's checks and dispatches reach GitHub Enterprise Server through one tunnel of the proxy.", async () => {
    const { url, stdout } = await start()
    await until(() => stdout().includes('Ready'))
    const ready = await deliver(url, { path: '/readyz', method: 'GET' })
    expect(ready.json).toMatchObject({ ready: true })
    for (let count = 0; count < 3; count += 1) {
      const headers = { 'x-webhook-secret': names.webhookSecret }
      expect(await deliver(url, { headers })).toMatchObject({ status: 202 })
    }
    expect(proxy.connects).toEqual(['ghes.example:443'])
    expect(front.requests).toContain(`POST ghes.example/api/v3/repos/${names.repository}/dispatches`)
    expect(stdout()).not.toContain(password)
  })

  test('The relay does not use the proxy for hosts in NO_PROXY.', async () => {
    const { stdout } = await start({ NO_PROXY: 'ghes.example' })
    await until(() => stdout().includes('Not ready'))
    expect(stdout()).toContain('ENOTFOUND')
    expect(proxy.connects).toEqual([])
  })

  test.each([
    [407, 'the proxy in HTTPS_PROXY answered 407: put the right user and password in the variable'],
    [503, 'the proxy in HTTPS_PROXY answered 503: check that it allows ghes.example'],
  ])("The relay's log names the proxy variable when the proxy answers %s.", async (status, sentence) => {
    proxy.refuse = status
    const { stdout } = await start()
    await until(() => stdout().includes('Not ready'))
    expect(stdout()).toContain(sentence)
    expect(stdout()).not.toContain(password)
  })

  test("The relay's log names NODE_EXTRA_CA_CERTS when the relay does not know the CA.", async () => {
    const { stdout } = await start({ NODE_EXTRA_CA_CERTS: '' })
    await until(() => stdout().includes('Not ready'))
    expect(stdout()).toContain('set NODE_EXTRA_CA_CERTS to a PEM file')
  })

  test('A malformed proxy ends the relay with exit code 1 and one sentence that does not show the value.', async () => {
    const { ended, stderr } = await start({ HTTPS_PROXY: `socks5://ada:${password}@proxy.example` })
    expect(await ended).toBe(1)
    expect(stderr()).toMatch(/^HTTPS_PROXY must be the URL of an http:\/\/ or https:\/\/ proxy[^\n]+\n$/)
    expect(stderr()).not.toContain(password)
  })
})
