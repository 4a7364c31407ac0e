import { randomBytes } from 'node:crypto'
import { Agent, request as nodeRequest, type RequestOptions } from 'node:http'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createRelay } from '../../src/relay/relay.ts'
import { readSettings } from '../../src/relay/settings/settings.ts'
import { createFakeClock } from '../http/fake-clock.ts'
import { dataset, hubEvent, secret } from './event.ts'
import { environment, repository, startLocalRelay, startSandbox } from './local-relay.ts'

/** `FUZZ_RUNS=100000 npm test -- test/relay/fuzz` is the long run. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 1500)
const longTime = 600_000

/** A relay in this process, with a GitHub that gives the chosen answer and records the requests. */
function startRelay() {
  const sent: { url: string; headers: Record<string, string>; body: string }[] = []
  const lines: string[] = []
  let status = 204
  const relay = createRelay({
    settings: readSettings(environment({ url: 'https://github.test' }, { INPUT_DATASET: dataset })),
    clock: createFakeClock(Date.UTC(2026, 10, 24)),
    random: Math.random,
    randomBytes,
    writeLine: (line) => lines.push(line),
    async send(url, { headers = {}, body = '' }) {
      sent.push({ url, headers, body })
      return { status, headers: new Headers(), text: '{"message": "\u001b[31m::error::no"}' }
    },
  })
  return {
    relay,
    sent,
    lines,
    gitHubAnswers(next: number) {
      status = next
    },
  }
}

const headerName = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/)
const headerValue = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,60}[\x21-\x7e])?$/)
const webhookId = fc.oneof(fc.constant('msg_1'), headerValue, fc.stringMatching(/^[\x80-\xff]{1,40}$/))
const headers = fc.record(
  {
    'webhook-id': webhookId,
    'content-type': fc.oneof(fc.constant('application/json'), headerValue),
    'content-length': fc.oneof(fc.nat().map(String), headerValue),
    'content-encoding': fc.constantFrom('gzip', 'br', 'identity'),
    'x-forwarded-for': headerValue,
    authorization: headerValue,
  },
  { requiredKeys: [] },
)

/** Values to put in the place of a valid one. */
const junk = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    1e308,
    '',
    '__proto__',
    '$(id)',
    '::set-env name=x::y',
    '<script>',
    '\u0000',
    '\ud83d',
    '\ufeffmain',
    'refs/heads/e\u0301',
    'refs/heads/main\r\n',
    '😀'.repeat(150),
    'e\u0301'.repeat(600),
  ),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
)
const places = [
  ['event'],
  ['event', 'action'],
  ['event', 'scope'],
  ['repo'],
  ['repo', 'type'],
  ['repo', 'name'],
  ['repo', 'id'],
  ['repo', 'private'],
  ['repo', 'headSha'],
  ['webhook'],
  ['webhook', 'version'],
  ['updatedRefs'],
  ['updatedRefs', '0'],
  ['updatedRefs', '0', 'ref'],
  ['updatedRefs', '0', 'newSha'],
  ['updatedRefs', '0', 'oldSha'],
  ['__proto__'],
  ['toJSON'],
]

function damage(place: readonly string[], value: unknown): string {
  const event: Record<string, unknown> = structuredClone(hubEvent())
  let at = event
  for (const key of place.slice(0, -1)) at = at[key] as Record<string, unknown>
  Object.defineProperty(at, String(place.at(-1)), { value, enumerable: true, configurable: true })
  return JSON.stringify(event) ?? ''
}

const body = fc.oneof(
  fc.tuple(fc.constantFrom(...places), junk).map(([place, value]) => damage(place, value)),
  fc.constant(JSON.stringify(hubEvent())),
  fc.nat({ max: 700 }).map((length) => JSON.stringify(hubEvent()).slice(0, length)),
  fc.constant(`\ufeff${JSON.stringify(hubEvent(), null, 2).replaceAll('\n', '\r\n')}`),
  fc.constant(new Uint8Array(Buffer.from(`\ufeff${JSON.stringify(hubEvent())}`, 'utf16le'))),
  fc.json({ maxDepth: 6 }),
  fc.string({ unit: 'binary', maxLength: 2000 }),
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => new Uint8Array(bytes)),
  fc.nat({ max: 60_000 }).map((depth) => '['.repeat(depth)),
  fc.nat({ max: 200 }).map((extra) => 'x'.repeat(1024 * 1024 - 100 + extra)),
)

const methods = fc.constantFrom('POST', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS')
const paths = fc.oneof(
  fc.constant('/webhook'),
  fc.constantFrom(
    '/',
    '/healthz',
    '/webhook/',
    '//webhook',
    '/webhook%00',
    '/WEBHOOK',
    '/webhook?secret=x',
    '/..',
  ),
  fc.webPath(),
)

const request = (path: string, init: RequestInit) =>
  new Request(URL.parse(path, 'http://relay.test') ?? 'http://relay.test/', init)

test(
  'Without the right secret any request is answered from the table and dispatches nothing.',
  async () => {
    const { relay, sent } = startRelay()
    const wrong = fc.option(
      fc.oneof(headerValue, fc.constantFrom(`${secret}x`, secret.slice(1), secret.toUpperCase())),
    )
    const extra = fc.dictionary(headerName, headerValue, { maxKeys: 8 })
    await fc.assert(
      fc.asyncProperty(
        methods,
        paths,
        wrong,
        headers,
        extra,
        body,
        async (method, path, given, known, more, text) => {
          fc.pre(given !== secret && !Object.keys(more).includes('x-webhook-secret'))
          const all = { ...more, ...known, ...(given === null ? {} : { 'x-webhook-secret': given }) }
          const answer = await relay.fetch(request(path, { method, headers: all, body: text }))
          expect([401, 403, 404, 405]).toContain(answer.status)
          expect(Object.keys(await answer.json())).toEqual(['error'])
          expect(sent).toEqual([])
        },
      ),
      { numRuns },
    )
  },
  longTime,
)

test(
  'With the right secret any body is answered from the table, and a dispatch has only the allowed content.',
  async () => {
    const { relay, sent, lines, gitHubAnswers } = startRelay()
    await fc.assert(
      fc.asyncProperty(
        headers,
        body,
        fc.constantFrom(204, 401, 404, 422, 503),
        async (known, text, status) => {
          sent.length = 0
          lines.length = 0
          gitHubAnswers(status)
          const all = { ...known, 'x-webhook-secret': secret }
          const answer = await relay.fetch(request('/webhook', { method: 'POST', headers: all, body: text }))
          expect([200, 202, 400, 413, 415, 422, 502, 503]).toContain(answer.status)
          if (sent.length > 0) expect(answer.status).toBe(status === 204 ? 202 : status === 503 ? 503 : 502)
          else expect([200, 400, 413, 415, 422]).toContain(answer.status)
          for (const dispatch of sent) {
            expect(dispatch.url).toBe(`https://github.test/repos/${repository}/dispatches`)
            const { event_type, client_payload } = JSON.parse(dispatch.body)
            expect(event_type).toBe('hub-webhook')
            expect(Object.keys(client_payload)).toEqual([
              'dataset',
              'sha',
              'id',
              'timestamp',
              'signature',
              'body',
            ])
            expect(client_payload.dataset).toBe(dataset)
            expect(client_payload.sha).toMatch(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
            expect(client_payload.id).toMatch(/^[\w-]{1,128}$/)
            expect(dispatch.body).not.toContain(secret)
            expect(Buffer.byteLength(dispatch.body)).toBeLessThan(64 * 1024)
            expect(dispatch.body.isWellFormed()).toBe(true)
            if (known.authorization !== undefined)
              expect(dispatch.headers.authorization).not.toBe(known.authorization)
          }
          expect(lines).toHaveLength(1)
          expect(lines[0]).toMatch(/^[^\p{Cc}]*$/u)
          expect(JSON.stringify(JSON.parse(String(lines[0])))).not.toMatch(/\\ud[89a-f]/)
          expect(JSON.parse(String(lines[0])).status).toBe(answer.status)
        },
      ),
      { numRuns },
    )
  },
  longTime,
)

test(
  'On Node any request over a socket is answered from the table or by the HTTP parser.',
  async () => {
    const github = await startSandbox()
    const relay = await startLocalRelay(environment(github, { INPUT_DATASET: dataset }))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const stop = async () => {
      agent.destroy()
      await relay.drain()
      await github.close()
    }
    const given = fc.oneof(fc.constant(secret), headerValue)
    const run = fc.assert(
      fc.asyncProperty(methods, paths, given, body, async (method, path, givenSecret, text) => {
        const before = github.dispatches.length
        const target = { agent, port: new URL(relay.url).port, method, path: encodeURI(path) }
        const status = await send(target, { 'x-webhook-secret': givenSecret }, text)
        expect([200, 202, 400, 401, 403, 404, 405, 413, 422]).toContain(status)
        expect(github.dispatches.length - before).toBe(status === 202 ? 1 : 0)
        if (givenSecret !== secret) expect(status).not.toBe(202)
      }),
      { numRuns: Math.ceil(numRuns / 3), endOnFailure: true },
    )
    await run.finally(stop)
  },
  longTime,
)

/** Sends the bytes unchanged and returns the status. */
function send(
  options: RequestOptions,
  headers: Record<string, string>,
  bytes: string | Uint8Array,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const all = { ...headers, 'content-length': Buffer.byteLength(bytes) }
    const outgoing = nodeRequest({ ...options, host: '127.0.0.1', headers: all }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    outgoing.on('error', reject).end(bytes)
  })
}

test('A webhook id longer than any of the Hub is left out, and the event is still dispatched.', async () => {
  const { relay, sent } = startRelay()
  const event = hubEvent({ webhook: { id: 'ü'.repeat(40_000), version: 3 } })
  const init = { method: 'POST', headers: { 'x-webhook-secret': secret }, body: JSON.stringify(event) }
  const answer = await relay.fetch(request('/webhook', init))
  expect(answer.status).toBe(202)
  expect(sent[0]?.body.length).toBeLessThan(2000)
})

test.each(['action', 'scope'])(
  'An event whose %s is longer than any of the Hub is refused with 422.',
  async (name) => {
    const { relay, sent } = startRelay()
    const event = hubEvent({ event: { [name]: 'x'.repeat(201) } })
    const init = { method: 'POST', headers: { 'x-webhook-secret': secret }, body: JSON.stringify(event) }
    expect((await relay.fetch(request('/webhook', init))).status).toBe(422)
    expect(sent).toEqual([])
  },
)

test.each([
  ['a byte-order mark', (json: string) => `\ufeff${json}`],
  ['the line ends of Windows', (json: string) => json.replaceAll('\n', '\r\n')],
])('An event with %s is dispatched like any other.', async (_what, write) => {
  const { relay, sent } = startRelay()
  const init = {
    method: 'POST',
    headers: { 'x-webhook-secret': secret },
    body: write(JSON.stringify(hubEvent(), null, 2)),
  }
  expect((await relay.fetch(request('/webhook', init))).status).toBe(202)
  expect(sent).toHaveLength(1)
})
