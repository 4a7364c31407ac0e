import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { SandboxGitHub } from '../sandbox/github/github.ts'
import { adapters, type RunningRelay } from './adapters.ts'
import { dataset, hubEvent, newSha, oldSha, secret } from './event.ts'
import { type DeliveryChange, deliver, environment, repository, startSandbox } from './local-relay.ts'

describe.each(adapters)('On %s:', (_platform, start) => {
  let github: SandboxGitHub
  let relay: RunningRelay

  beforeAll(async () => {
    github = await startSandbox()
    const env = { WEBHOOK_SECRET_PREVIOUS: 'the-secret-before-this-one', INPUT_DATASET: dataset }
    relay = await start(environment(github, env))
    // Otherwise the check on start could reach GitHub in the middle of a test.
    await deliver(relay.url, { path: '/readyz', method: 'GET' })
  })

  beforeEach(() => {
    github.requests.length = 0
    github.dispatches.length = 0
  })

  afterAll(async () => {
    await relay.stop()
    await github.close()
  })

  test('A commit on the watched dataset is dispatched and answered 202.', async () => {
    const answer = await deliver(relay.url, { headers: { 'webhook-id': 'msg_2Lh9KRb0pzN4LePd3XiA4v12Axj' } })
    expect(answer.status).toBe(202)
    expect(answer.json).toEqual({
      processed: true,
      id: 'msg_2Lh9KRb0pzN4LePd3XiA4v12Axj',
      dispatched: [repository],
    })
    expect(github.dispatches).toHaveLength(1)
  })

  const mebibyte = 1024 * 1024
  const padded = (size: number) => {
    const text = JSON.stringify(hubEvent({ padding: '' }))
    return text.replace('"padding":""', `"padding":"${'x'.repeat(size - text.length)}"`)
  }
  const inChunks = (text: string) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        const bytes = new TextEncoder().encode(text)
        for (let at = 0; at < bytes.length; at += 65_536) controller.enqueue(bytes.slice(at, at + 65_536))
        controller.close()
      },
    })
  const without = (key: string) => ({ ...hubEvent(), [key]: undefined })

  const refusals: [string, DeliveryChange, number, string][] = [
    ['An unknown path is answered 404', { path: '/webhooks' }, 404, 'Webhooks go to POST /webhook.'],
    [
      'A path with a slash at its end is answered 404',
      { path: '/webhook/' },
      404,
      'Webhooks go to POST /webhook.',
    ],
    [
      'A path with an encoded `..` is answered 404',
      { path: '/webhook/%2e%2e/x' },
      404,
      'Webhooks go to POST /webhook.',
    ],
    ['GET of the webhook is answered 405', { method: 'GET' }, 405, 'Webhooks go to POST /webhook.'],
    ['PUT to the webhook is answered 405', { method: 'PUT' }, 405, 'Webhooks go to POST /webhook.'],
    ['OPTIONS of the webhook is answered 405', { method: 'OPTIONS' }, 405, 'Webhooks go to POST /webhook.'],
    ['POST to the health check is answered 405', { path: '/healthz' }, 405, 'Webhooks go to POST /webhook.'],
    ['A missing secret is answered 401', { headers: { 'x-webhook-secret': undefined } }, 401, 'is missing'],
    ['An empty secret is answered 401', { headers: { 'x-webhook-secret': '' } }, 401, 'is missing'],
    [
      'A wrong secret of the right length is answered 403',
      { headers: { 'x-webhook-secret': 'x'.repeat(secret.length) } },
      403,
      'X-Webhook-Secret is wrong',
    ],
    [
      'A part of the secret is answered 403',
      { headers: { 'x-webhook-secret': secret.slice(0, -1) } },
      403,
      'is wrong',
    ],
    [
      'The secret and more is answered 403',
      { headers: { 'x-webhook-secret': `${secret}x` } },
      403,
      'is wrong',
    ],
    [
      'The secret in upper case is answered 403',
      { headers: { 'x-webhook-secret': secret.toUpperCase() } },
      403,
      'is wrong',
    ],
    [
      'A secret that is not ASCII is answered 403',
      { headers: { 'x-webhook-secret': 'gehéim-gehéim-geh' } },
      403,
      'is wrong',
    ],
    [
      'The secret sent twice is answered 403',
      { headers: { 'x-webhook-secret': `${secret}, ${secret}` } },
      403,
      'is wrong',
    ],
    [
      'A secret in the query is answered 401',
      { path: `/webhook?secret=${secret}`, headers: { 'x-webhook-secret': undefined } },
      401,
      'is missing',
    ],
    [
      'A body of 1 MiB and one byte is answered 413',
      { body: padded(mebibyte + 1) },
      413,
      'larger than 1 MiB',
    ],
    [
      'A body in chunks of 1 MiB and one byte is answered 413',
      { body: inChunks(padded(mebibyte + 1)) },
      413,
      'larger',
    ],
    ['An empty body is answered 400', { body: '' }, 400, 'not JSON'],
    ['A body that is not JSON is answered 400', { body: '{"event":' }, 400, 'not JSON'],
    [
      'A body that is not UTF-8 is answered 400',
      { body: new Uint8Array([0x22, 0xff, 0x22]) },
      400,
      'not JSON',
    ],
    [
      'A compressed body is answered 415',
      { body: gzipSync(JSON.stringify(hubEvent())), headers: { 'content-encoding': 'gzip' } },
      415,
      'send plain JSON',
    ],
    [
      'A compressed body whose header a proxy took away is answered 415',
      { body: gzipSync(JSON.stringify(hubEvent())) },
      415,
      'send plain JSON',
    ],
    [
      'A body compressed in another way is answered 415',
      { body: brotliCompressSync(JSON.stringify(hubEvent())), headers: { 'content-encoding': 'br' } },
      415,
      'send plain JSON',
    ],
    [
      'A form is answered 400',
      { body: 'secret=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      400,
      'not JSON',
    ],
    ['A JSON string is answered 422', { body: '"x"' }, 422, 'not a webhook payload'],
    ['JSON null is answered 422', { body: 'null' }, 422, 'not a webhook payload'],
    [
      'JSON nested 100,000 deep is answered 422',
      { body: '['.repeat(1e5) + ']'.repeat(1e5) },
      422,
      'not a webhook',
    ],
    [
      'A payload without event is answered 422',
      { body: JSON.stringify(without('event')) },
      422,
      'not a webhook',
    ],
    [
      'A payload without repo is answered 422',
      { body: JSON.stringify(without('repo')) },
      422,
      'not a webhook',
    ],
  ]

  test.each(refusals)('%s, and GitHub is not called.', async (_title, change, status, sentence) => {
    const answer = await deliver(relay.url, change)
    expect(answer.status).toBe(status)
    expect(answer.json?.error).toContain(sentence)
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(github.requests).toEqual([])
  })

  test('HEAD of the webhook is answered 405 without a body.', async () => {
    expect(await deliver(relay.url, { method: 'HEAD' })).toMatchObject({ status: 405, text: '' })
  })

  test('A 405 answer names the allowed method.', async () => {
    const answer = await deliver(relay.url, { method: 'GET' })
    expect(answer.headers.get('allow')).toBe('POST')
  })

  test.each([
    ['event.action', hubEvent({ event: { action: 1 } })],
    ['event.scope', hubEvent({ event: { scope: undefined } })],
    ['repo.name', hubEvent({ repo: { name: 'a/b";id>/tmp/p;#' } })],
    ['repo.name', hubEvent({ repo: { name: '../../etc' } })],
    ['repo.headSha', hubEvent({ repo: { headSha: 'main' } })],
    ['updatedRefs', hubEvent({ updatedRefs: 'refs/heads/main' })],
    ['updatedRefs.0.newSha', hubEvent({ updatedRefs: [{ ref: 'refs/heads/main', newSha: '$(id)' }] })],
  ])('A 422 answer names the failing field (%s, case %#) and not its value.', async (field, event) => {
    const answer = await deliver(relay.url, { body: JSON.stringify(event) })
    expect(answer.status).toBe(422)
    expect(answer.json).toEqual({ error: expect.any(String), fields: [field] })
    expect(github.requests).toEqual([])
  })

  test.each([
    ['exactly 1 MiB', padded(mebibyte)],
    ['exactly 1 MiB in chunks', inChunks(padded(mebibyte))],
    ['a few bytes in chunks', inChunks(JSON.stringify(hubEvent()))],
  ])('A body of %s is accepted.', async (_size, body) => {
    expect(await deliver(relay.url, { body })).toMatchObject({ status: 202 })
  })

  test('The previous secret is accepted during a rotation.', async () => {
    const headers = { 'x-webhook-secret': 'the-secret-before-this-one' }
    expect(await deliver(relay.url, { headers })).toMatchObject({ status: 202 })
  })

  const scopes = [
    'repo',
    'repo.content',
    'repo.content.files',
    'repo.contents',
    'repo.config',
    'repo.config.dois',
    'discussion',
    'discussion.comment',
    'something.new',
  ]
  const contentScopes = ['repo.content', 'repo.content.files']
  const refs: [string, object[] | undefined, boolean][] = [
    ['main moved', [{ ref: 'refs/heads/main', oldSha, newSha }], true],
    ['main created', [{ ref: 'refs/heads/main', oldSha: null, newSha }], true],
    ['main deleted', [{ ref: 'refs/heads/main', oldSha, newSha: null }], false],
    ['main unmoved', [{ ref: 'refs/heads/main', oldSha: newSha, newSha }], false],
    ['a pull request', [{ ref: 'refs/pr/5', oldSha: null, newSha }], false],
    ['the converted branch', [{ ref: 'refs/convert/parquet', oldSha, newSha }], false],
    ['a tag', [{ ref: 'refs/tags/v1', oldSha: null, newSha }], false],
    ['a branch called main of something', [{ ref: 'refs/heads/main/x', oldSha, newSha }], false],
    [
      'a pull request and main',
      [
        { ref: 'refs/pr/5', newSha },
        { ref: 'refs/heads/main', oldSha, newSha },
      ],
      true,
    ],
    ['no refs', [], false],
    ['the head alone', undefined, true],
  ]
  const combinations = scopes.flatMap((scope) =>
    refs.map(([what, updatedRefs, passes]) => ({
      scope,
      what,
      updatedRefs,
      passes: passes && contentScopes.includes(scope),
    })),
  )

  test.each(combinations)(
    'An event of scope $scope with $what is dispatched: $passes.',
    async ({ scope, updatedRefs, passes }) => {
      const answer = await deliver(relay.url, {
        body: JSON.stringify(hubEvent({ event: { scope }, updatedRefs })),
      })
      expect(answer.status).toBe(passes ? 202 : 200)
      expect(github.dispatches).toHaveLength(passes ? 1 : 0)
      if (!passes) expect(answer.json).toEqual({ processed: false, reason: expect.any(String) })
    },
  )

  describe('Ignored events', () => {
    test.each([
      ['a model', hubEvent({ repo: { type: 'model' } }), 'the repository is a model, not a dataset'],
      ['a space', hubEvent({ repo: { type: 'space' } }), 'the repository is a space, not a dataset'],
      [
        'another dataset',
        hubEvent({ repo: { name: 'acme/letters', id: 'another' } }),
        'this dataset is not watched',
      ],
      [
        'the name in another case',
        hubEvent({ repo: { name: 'Acme/Digits' } }),
        "the dataset's name differs from the watched one in upper",
      ],
      [
        'the action move',
        hubEvent({ event: { action: 'move', scope: 'repo' }, movedTo: { name: 'b/c' } }),
        `${dataset} is called b/c now`,
      ],
      [
        'the action create',
        hubEvent({ event: { action: 'create' } }),
        'the action on the content is create, not update',
      ],
      [
        'the action delete',
        hubEvent({ event: { action: 'delete' } }),
        'the action on the content is delete, not update',
      ],
    ])('An event with %s is answered 200 with the reason.', async (_what, event, reason) => {
      const answer = await deliver(relay.url, { body: JSON.stringify(event) })
      expect(answer.status).toBe(200)
      expect(answer.json).toMatchObject({ processed: false })
      expect(answer.json?.reason).toContain(reason)
      expect(github.requests).toEqual([])
    })
  })

  test.each([
    ['unknown fields everywhere', hubEvent({ new: {}, repo: { new: 1 }, event: { new: [] } })],
    ['version 4', hubEvent({ webhook: { id: 'x', version: 4 } })],
    ['a version that is a text', hubEvent({ webhook: { id: 'x', version: '2027-01' } })],
    ['no webhook', hubEvent({ webhook: undefined })],
    [
      'fields we do not use of another type',
      hubEvent({ repo: { tags: 'x', owner: null, id: 5, private: 'no' } }),
    ],
    ['no head', hubEvent({ repo: { headSha: undefined } })],
  ])('A payload with %s is accepted.', async (_what, event) => {
    expect(await deliver(relay.url, { body: JSON.stringify(event) })).toMatchObject({ status: 202 })
  })

  test('An unknown action on a narrower scope of the content counts as an update.', async () => {
    const event = hubEvent({ event: { action: 'rewritten', scope: 'repo.content.lfs' } })
    expect(await deliver(relay.url, { body: JSON.stringify(event) })).toMatchObject({ status: 202 })
  })

  test('The health check answers 200 to GET and HEAD and sends no request.', async () => {
    expect(await deliver(relay.url, { path: '/healthz', method: 'GET' })).toMatchObject({
      status: 200,
      json: { ok: true },
    })
    expect(await deliver(relay.url, { path: '/healthz', method: 'HEAD' })).toMatchObject({
      status: 200,
      text: '',
    })
    expect(github.requests).toEqual([])
  })

  test('Every answer has the security headers.', async () => {
    for (const change of [{}, { path: '/x' }, { headers: { 'x-webhook-secret': 'wrong' } }]) {
      const { headers } = await deliver(relay.url, change)
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
    }
  })

  test.each([401, 403, 404, 422, 307])(
    'A dispatch that GitHub answers with %i is answered 502 with a fixed sentence.',
    async (status) => {
      const elsewhere = `${github.url}/elsewhere`
      github.fault({
        path: /dispatches$/,
        times: 1,
        status,
        headers: { location: elsewhere },
        body: { message: 'no' },
      })
      const answer = await deliver(relay.url)
      expect(answer.status).toBe(502)
      expect(answer.json).toEqual({ error: "GitHub refused the event: the relay's log says why." })
      expect(github.requests).toHaveLength(1)
    },
  )

  test('A dispatch that GitHub answers with 500 is answered 503 with Retry-After.', async () => {
    github.fault({ path: /dispatches$/, times: 1, status: 500 })
    const answer = await deliver(relay.url)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('30')
  })

  test('A dispatch is sent again after a lost connection to GitHub.', async () => {
    github.fault({ path: /dispatches$/, times: 1, reset: true })
    expect(await deliver(relay.url)).toMatchObject({ status: 202 })
  })

  test('The page is public, and there is no list of deliveries without RELAY_ADMIN_TOKEN.', async () => {
    const page = await deliver(relay.url, { path: '/', method: 'GET' })
    expect(page).toMatchObject({ status: 200, text: expect.stringMatching(/^<!doctype html>/) })
    expect(await deliver(relay.url, { path: '/deliveries', method: 'GET' })).toMatchObject({ status: 404 })
  })
})
