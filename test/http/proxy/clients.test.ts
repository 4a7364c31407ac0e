import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { closedPortUrl } from '../local-server.ts'
import { type ConnectProxy, startConnectProxy } from './connect-proxy.ts'
import { type HttpsFront, startHttpsFront } from './https-front.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const clients = ['fetch', 'node-fetch', 'node-fetch with an agent']
const url = 'https://hub.example/api/datasets'
const credentials = 'ada:Pass%20word-0001'
let front: HttpsFront
let proxy: ConnectProxy

beforeEach(async () => {
  front = await startHttpsFront({ 'hub.example': () => 'data:,hello' })
  proxy = await startConnectProxy({ targetPort: front.port, credentials: 'ada:Pass word-0001' })
})

afterEach(() => Promise.all([front.close(), proxy.close()]))

/** Sends the request with each client in a process of its own, and returns what each got. */
async function send(change: Record<string, string> = {}, to = url): Promise<Record<string, unknown>> {
  const env = {
    PATH: process.env.PATH,
    HTTPS_PROXY: `http://${credentials}@${proxy.host}`,
    NODE_EXTRA_CA_CERTS: front.caFile,
    ...change,
  }
  const program = ['--import', './test/node-setup.js', 'test/http/proxy/client.ts', to]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, program, { cwd: root, env })
  expect(stdout + stderr).not.toMatch(/Pass.{1,3}word/)
  return JSON.parse(stdout)
}

const everyClient = (result: unknown) => Object.fromEntries(clients.map((name) => [name, result]))
const failure = (reason: string, neverSent = true) =>
  everyClient({ message: `GET ${url} got no answer: ${reason}`, neverSent })

test.each(['HTTPS_PROXY', 'https_proxy'])('Every client goes through the proxy in %s.', async (name) => {
  const value = `http://${credentials}@${proxy.host}`
  expect(await send({ HTTPS_PROXY: '', [name]: value })).toEqual(everyClient(200))
  expect(proxy.connects).toEqual(clients.map(() => 'hub.example:443'))
  expect(front.requests).toHaveLength(3)
})

test('A proxy without a scheme is an HTTP proxy.', async () => {
  expect(await send({ HTTPS_PROXY: `${credentials}@${proxy.host}` })).toEqual(everyClient(200))
})

test('Without a proxy nothing changes.', async () => {
  expect(await send({ HTTPS_PROXY: '' })).toEqual(failure('ENOTFOUND'))
  expect(proxy.connects).toEqual([])
})

test.each(['hub.example', '.example', 'other.test,hub.example', '*'])(
  'No client uses the proxy for a host in NO_PROXY (%s).',
  async (value) => {
    expect(await send({ NO_PROXY: value })).toEqual(failure('ENOTFOUND'))
    expect(proxy.connects).toEqual([])
  },
)

test('NO_PROXY for another host changes nothing.', async () => {
  expect(await send({ NO_PROXY: 'localhost,127.0.0.1,.internal' })).toEqual(everyClient(200))
})

test('HTTP_PROXY alone is not used for https:// addresses.', async () => {
  expect(await send({ HTTPS_PROXY: '', HTTP_PROXY: proxy.url })).toEqual(failure('ENOTFOUND'))
  expect(proxy.connects).toEqual([])
})

test('An unknown CA is named with NODE_EXTRA_CA_CERTS.', async () => {
  expect(await send({ NODE_EXTRA_CA_CERTS: '' })).toEqual(
    failure(
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE, the CA of its certificate is unknown: ' +
        "set NODE_EXTRA_CA_CERTS to a PEM file with that CA's certificate",
      false,
    ),
  )
})

describe('A failure of the proxy names its variable', () => {
  test('A proxy on whose port nothing listens was never reached.', async () => {
    const closed = new URL(await closedPortUrl()).host
    expect(await send({ HTTPS_PROXY: `http://${credentials}@${closed}` })).toEqual(
      failure(
        'the proxy in HTTPS_PROXY cannot be reached (ECONNREFUSED): check the variable, or add hub.example to NO_PROXY',
      ),
    )
  })

  test('A proxy whose name does not resolve was never reached.', async () => {
    const to = `http://${credentials}@proxy.invalid:3128`
    expect(await send({ HTTPS_PROXY: '', https_proxy: to })).toEqual(
      failure(
        'the proxy in https_proxy cannot be reached (ENOTFOUND): check the variable, or add hub.example to NO_PROXY',
      ),
    )
  })

  test('A proxy that wants other credentials answers 407.', async () => {
    const reason = 'the proxy in HTTPS_PROXY answered 407: put the right user and password in the variable'
    expect(await send({ HTTPS_PROXY: proxy.url })).toEqual(failure(reason))
    expect(await send({ HTTPS_PROXY: `http://ada:Pass-other-word@${proxy.host}` })).toEqual(failure(reason))
  })

  test.each([403, 502])('A proxy that opens no tunnel says why with its status (%s).', async (status) => {
    proxy.refuse = status
    expect(await send()).toEqual(
      failure(`the proxy in HTTPS_PROXY answered ${status}: check that it allows hub.example`),
    )
  })

  test('A proxy that closes the connection opened no tunnel.', async () => {
    proxy.refuse = 'cut'
    const { fetch: platform, ...others } = await send()
    const message = `GET ${url} got no answer: the proxy in HTTPS_PROXY opened no connection to hub.example: check that it is an HTTP proxy`
    for (const other of Object.values(others)) expect(other).toEqual({ message, neverSent: true })
    // The platform's fetch calls such a proxy again and again until its time is up.
    expect(platform).toMatchObject({ message: `GET ${url} got no answer: timed out` })
  })

  test('An HTTP proxy that the variable takes for an HTTPS one does not speak TLS.', async () => {
    expect(await send({ HTTPS_PROXY: `https://${credentials}@${proxy.host}` })).toEqual(
      failure('the proxy in HTTPS_PROXY does not speak TLS: begin the variable with http://', false),
    )
  })

  test('A refused connection to a host in NO_PROXY is no failure of the proxy.', async () => {
    const target = (await closedPortUrl()).replace('http:', 'https:')
    const message = `GET ${target} got no answer: ECONNREFUSED`
    expect(await send({ NO_PROXY: '127.0.0.1' }, target)).toEqual(everyClient({ message, neverSent: true }))
  })
})
