import { downloadFile, listFiles } from '@huggingface/hub'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { HttpError, NoAnswerError } from '../../src/http/errors.ts'
import { defaultPolicy } from '../../src/http/exchange.ts'
import { type LocalServer, startLocalServer } from '../http/local-server.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'
import { type Connection, connect } from './connect.ts'

const dataset = 'ann/digits'
const repo = { type: 'dataset', name: dataset } as const
const infoPath = `/api/datasets/${dataset}`
let sandbox: SandboxHub
let elsewhere: LocalServer
let connection: Connection

beforeEach(async () => {
  sandbox = await startHub()
  elsewhere = await startLocalServer((_, response) =>
    response.setHeader('content-type', 'application/json').end('[]'),
  )
  sandbox.addUser({ name: 'ann', token: 'hf_ann' })
  sandbox.createDataset({
    name: dataset,
    private: true,
    files: { 'a.txt': 'a', 'b.bin': new Uint8Array([0, 1, 2]) },
  })
  connection = connect(sandbox.url, 'hf_ann')
})

afterEach(() => Promise.all([sandbox.close(), elsewhere.close()]))

const get = (signal?: AbortSignal, init?: RequestInit) =>
  connection.hub.fetchFor(signal)(`${sandbox.url}${infoPath}`, {
    headers: { authorization: 'Bearer hf_ann' },
    ...init,
  })

async function names(signal?: AbortSignal): Promise<string[]> {
  const found: string[] = []
  for await (const { path } of listFiles({ repo, ...connection.hub.access(signal) })) found.push(path)
  return found
}

describe('The fetch for the official client', () => {
  test('It lists and reads files of a private dataset.', async () => {
    expect(await names()).toEqual(['.gitattributes', 'a.txt', 'b.bin'])
    const file = await downloadFile({ repo, path: 'a.txt', ...connection.hub.access(undefined) })
    expect(await file?.text()).toBe('a')
  })

  test('It sends a User-Agent with every request.', async () => {
    await names()
    expect(sandbox.requests.at(-1)?.headers['user-agent']).toMatch(/auto-retrain|huggingface/i)
  })

  test.each([500, 502, 503, 504, 429])('It retries a GET after %d.', async (status) => {
    sandbox.fault({ path: /tree/, status, times: 2 })
    expect(await names()).toContain('a.txt')
    expect(connection.clock.sleeps).toHaveLength(2)
  })

  test('It retries a GET after a lost connection.', async () => {
    sandbox.fault({ path: /tree/, reset: true })
    expect(await names()).toContain('a.txt')
  })

  test('It does not retry a POST after 500.', async () => {
    const fault = sandbox.fault({ path: /digits/, status: 500, times: 9 })
    await expect(get(undefined, { method: 'POST', body: '{}' })).rejects.toMatchObject({ status: 500 })
    expect(fault.hits).toBe(1)
  })

  test('It throws an error with status, code, request id and the start of the body.', async () => {
    sandbox.fault({
      path: /digits/,
      status: 403,
      body: 'x'.repeat(5000),
      headers: { 'x-error-code': 'GatedRepo', 'x-request-id': 'r-1' },
    })
    const error = await get().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(HttpError)
    expect(error).toMatchObject({ status: 403, code: 'GatedRepo', requestId: 'r-1', body: 'x'.repeat(2000) })
    expect((error as Error).message).toBe(
      `GET ${sandbox.url}${infoPath} answered 403 (request id r-1): "${'x'.repeat(399)}…"`,
    )
  })

  test('It waits as long as the Hub asks, plus a second for rounding.', async () => {
    sandbox.fault({ path: /tree/, status: 429, headers: { ratelimit: '"api";r=0;t=20' } })
    await names()
    expect(connection.clock.sleeps).toEqual([21_000])
  })

  test("The caller's signal aborts a request that hangs.", async () => {
    const controller = new AbortController()
    const reason = new Error('The workflow was cancelled.')
    sandbox.fault({ path: /digits/, hang: true })
    const answer = get(controller.signal)
    while (sandbox.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    controller.abort(reason)
    await expect(answer).rejects.toBe(reason)
  })

  describe('An answer whose body is cut off', () => {
    let half: LocalServer
    let broken: number

    beforeEach(async () => {
      broken = 1
      half = await startLocalServer((_, response) => {
        if (half.requests.length > broken) response.end('whole')
        else response.write('half', () => response.destroy())
      })
    })
    afterEach(() => half.close())

    test('It is requested again by a GET.', async () => {
      const answer = await connection.hub.fetchFor(undefined)(half.url)
      expect(await answer.text()).toBe('whole')
      expect(half.requests).toHaveLength(2)
    })

    test('It is a NoAnswerError with the address when every try fails.', async () => {
      broken = 9
      await expect(connection.hub.fetchFor(undefined)(half.url)).rejects.toMatchObject({
        name: 'NoAnswerError',
        message: `GET ${half.url} got no answer: UND_ERR_SOCKET`,
      })
      expect(half.requests).toHaveLength(4)
    })

    test('It is not requested again by a POST.', async () => {
      const answer = connection.hub.fetchFor(undefined)(half.url, { method: 'POST' })
      await expect(answer).rejects.toBeInstanceOf(NoAnswerError)
      expect(half.requests).toHaveLength(1)
    })
  })

  describe('An answer whose body stalls', () => {
    const stall = async (signal?: AbortSignal) => {
      const half = await startLocalServer((_, response) => void response.write('half'))
      const answer = connection.hub.fetchFor(signal)(half.url, { method: 'POST' })
      const end = answer.catch((error: unknown) => error)
      while (half.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
      return { end, close: half.close }
    }

    test('It times out.', async () => {
      const { end, close } = await stall()
      connection.clock.advance(defaultPolicy.perTryMs)
      expect(await end).toMatchObject({ name: 'NoAnswerError', cause: { name: 'TimeoutError' } })
      await close()
    })

    test('It is aborted by the caller.', async () => {
      const caller = new AbortController()
      const reason = new Error('The workflow was cancelled.')
      const { end, close } = await stall(caller.signal)
      caller.abort(reason)
      expect(await end).toBe(reason)
      await close()
    })
  })

  test('An answer that is too long is not kept in memory.', async () => {
    const mebibyte = Buffer.alloc(1024 * 1024)
    let sent = 0
    const endless = await startLocalServer((_, response) => {
      const more = () => {
        sent += 1
        if (!response.destroyed && sent < 64) response.write(mebibyte, more)
        else response.end()
      }
      more()
    })
    const answer = connection.hub.fetchFor(undefined)(endless.url, { method: 'POST' })
    await expect(answer).rejects.toMatchObject({ cause: { message: expect.stringMatching(/longer than/) } })
    expect(sent).toBeLessThan(64)
    await endless.close()
  })

  test('An answer without a body keeps its address, status and headers.', async () => {
    sandbox.fault({ path: /digits/, status: 204, headers: { 'x-request-id': 'r-1' } })
    const answer = await get()
    expect([answer.status, answer.url, answer.headers.get('x-request-id'), answer.body]).toEqual([
      204,
      `${sandbox.url}${infoPath}`,
      'r-1',
      null,
    ])
  })

  test('An unreachable Hub is a NoAnswerError.', async () => {
    await sandbox.close()
    const error = await get().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(NoAnswerError)
    expect(error).toMatchObject({ neverSent: true })
    sandbox = await startHub()
  })
})

describe('The token is sent to the Hub only', () => {
  test('A download that redirects to another origin is followed without the token.', async () => {
    sandbox.fault({ path: /resolve/, status: 302, headers: { location: `${elsewhere.url}/x` } })
    await connection.hub.fetchFor(undefined)(`${sandbox.url}/datasets/${dataset}/resolve/main/a.txt`, {
      headers: { authorization: 'Bearer hf_ann' },
    })
    expect(elsewhere.requests).toHaveLength(1)
    expect(elsewhere.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  test('A download that comes back from another origin is asked without the token.', async () => {
    const back = await startLocalServer((_, response) =>
      response.writeHead(302, { location: `${sandbox.url}${infoPath}` }).end(),
    )
    sandbox.fault({ path: /resolve/, status: 302, headers: { location: `${back.url}/x` } })
    const answer = connection.hub.fetchFor(undefined)(
      `${sandbox.url}/datasets/${dataset}/resolve/main/a.txt`,
      {
        headers: { authorization: 'Bearer hf_ann' },
      },
    )
    await expect(answer).rejects.toMatchObject({ status: 401 })
    await back.close()
  })

  test('An API address that an answer names under the name of the original is asked of the mirror, with the token.', async () => {
    const answer = await connection.hub.fetchFor(undefined)(`https://huggingface.co${infoPath}`, {
      headers: { authorization: 'Bearer hf_ann' },
    })
    expect(await answer.json()).toMatchObject({ id: dataset })
  })

  test('An address of a stranger, such as that of an upload, gets no token.', async () => {
    await connection.hub.fetchFor(undefined)(`${elsewhere.url}/upload`, {
      method: 'PUT',
      body: 'x',
      headers: { authorization: 'Bearer hf_ann' },
    })
    expect(elsewhere.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  test('The body of a POST is not sent to another origin.', async () => {
    sandbox.fault({ path: /digits/, status: 307, headers: { location: `${elsewhere.url}/x` } })
    const body = JSON.stringify({ secrets: { HF_TOKEN: 'hf_ann' } })
    await expect(get(undefined, { method: 'POST', body })).rejects.toMatchObject({ status: 307 })
    expect(elsewhere.requests).toEqual([])
  })

  test('The calls of `api` follow no redirect.', async () => {
    sandbox.fault({ path: /digits/, status: 307, headers: { location: `${elsewhere.url}/x` } })
    const call = connection.hub.api.call({ method: 'GET', path: infoPath, answer: null })
    await expect(call).rejects.toMatchObject({ status: 307 })
    expect(elsewhere.requests).toEqual([])
  })

  test('The token is not part of an error.', async () => {
    sandbox.fault({ path: /digits/, status: 403 })
    const error = (await get().catch((thrown: unknown) => thrown)) as Error
    expect(`${error}${error.stack}${JSON.stringify(error)}`).not.toContain('hf_ann')
  })
})

describe('A list goes on at the configured Hub', () => {
  const treePath = `/api/datasets/${dataset}/tree/main`
  const cursor = 'recursive=false&expand=false&limit=1'
  const original = `https://huggingface.co${treePath}?${cursor}`

  test.each([
    ['the address of the original, as behind a mirror', `<${original}>; rel="next"`],
    ['a path', `<${treePath}?${cursor}>; rel="next"`],
    ['a relation without quotes', `<${original}>; rel=next`],
    ['several relations', `<${original}>; rel="last next"; title="2"`],
    ['the first page beside it', `<${treePath}>; rel="first", <${original}>; rel="next"`],
    ['the address of a stranger', () => `<${elsewhere.url}${treePath}?${cursor}>; rel="next"`],
  ])('where the answer names the next page by %s.', async (_what, given) => {
    const link = typeof given === 'string' ? given : given()
    sandbox.fault({ path: /tree/, status: 200, body: [], headers: { link } })
    expect(await names()).toContain('a.txt')
    expect(sandbox.requests.at(-1)?.headers.authorization).toBe('Bearer hf_ann')
    expect(elsewhere.requests).toEqual([])
  })

  test.each([
    ['names itself as the next page', `<${treePath}?recursive=false&expand=false>; rel="next"`],
    ['names a next page again', `<${treePath}?page=2>; rel="next"`],
    ['names a next page in an unknown form', `${treePath}?page=2; rel=next`],
    ['names something else than an address', '<javascript:alert(1)>; rel="next"'],
  ])('and is an error, not its end, where a page %s.', async (_what, link) => {
    sandbox.fault({ path: /tree/, status: 200, body: [], headers: { link }, times: 9 })
    await expect(names()).rejects.toThrow(/does not end|unknown form|no address/)
  })

  test('whatever a page names: nothing else gets a request, and the list ends.', async () => {
    const address = fc.oneof(
      fc.webUrl({ withQueryParameters: true }),
      fc.constant(`${elsewhere.url}/api/x`),
      fc.constant(original),
      fc.string({ unit: 'grapheme-ascii' }),
    )
    const relation = fc.constantFrom('rel="next"', 'rel=next', 'rel="prev"', 'rel="', '')
    await fc.assert(
      fc.asyncProperty(address, relation, async (target, rel) => {
        const link = `<${target}>; ${rel}`.replaceAll(/[^\x20-\x7e]/g, '')
        sandbox.fault({ path: /tree/, status: 200, body: [], headers: { link } })
        await names().catch(() => undefined)
        expect(elsewhere.requests).toEqual([])
      }),
      { numRuns: 50 },
    )
  })
})

describe('A redirect', () => {
  test('of the API to the original of a mirror is asked of the mirror, with the token.', async () => {
    sandbox.setPrivate(dataset, true)
    sandbox.move(dataset, 'ann/numbers')
    const location = 'https://huggingface.co/api/datasets/ann/numbers'
    sandbox.fault({ path: /ann\/digits/, status: 307, headers: { location } })
    expect(await (await get()).json()).toMatchObject({ id: 'ann/numbers' })
  })

  test('of the API to another origin is not followed there.', async () => {
    sandbox.fault({ path: /digits/, status: 302, headers: { location: `${elsewhere.url}/x` } })
    await expect(get()).rejects.toMatchObject({ status: 404 })
    expect(elsewhere.requests).toEqual([])
  })

  test('of the API to the same path elsewhere ends with that address, which HF_ENDPOINT should have.', async () => {
    sandbox.fault({
      path: /digits/,
      status: 301,
      headers: { location: `${elsewhere.url}${infoPath}` },
      times: 9,
    })
    await expect(get()).rejects.toMatchObject({
      message: expect.stringContaining(
        `GET ${sandbox.url}${infoPath} answered 301, a redirect to ${elsewhere.url}${infoPath}`,
      ),
    })
    expect(elsewhere.requests).toEqual([])
  })

  test('that leads in a circle ends.', async () => {
    sandbox.fault({ path: /one/, status: 302, headers: { location: '/api/two' }, times: 99 })
    sandbox.fault({ path: /two/, status: 302, headers: { location: '/api/one' }, times: 99 })
    const answer = connection.hub.fetchFor(undefined)(`${sandbox.url}/api/one`)
    await expect(answer).rejects.toMatchObject({ status: 302 })
    expect(sandbox.requests.length).toBeLessThan(10)
  })
})

describe('The debug hook', () => {
  test('It receives one line for each try of a call of the official client.', async () => {
    sandbox.fault({ path: /tree/, status: 503 })
    await names()
    expect(connection.debugLines).toEqual([
      expect.stringMatching(/^GET http:\S+\/tree\/main: 503 in \d+ ms \(try 1\)$/),
      expect.stringMatching(/^GET http:\S+\/tree\/main: 200 in \d+ ms \(try 2\)$/),
    ])
  })

  test('It receives one line for each connection of a stream.', async () => {
    const stream = connection.hub.streamFor(new AbortController().signal)
    const response = await stream(`${sandbox.url}${infoPath}?query=hidden`, {
      headers: { authorization: 'Bearer hf_ann' },
    })
    await response.text()
    await sandbox.close()
    await expect(stream(`${sandbox.url}${infoPath}`)).rejects.toThrow()
    expect(connection.debugLines).toEqual([
      `GET ${sandbox.url}${infoPath}: 200 in 0 ms (try 1)`,
      expect.stringMatching(/: (?:ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET) in 0 ms \(try 1\)$/),
    ])
    sandbox = await startHub()
  })
})
