import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Hono } from 'hono'
import type { SandboxHub } from '../../hub/start.ts'
import { startHub } from '../../hub/start.ts'
import type { Webhook } from '../../hub/webhooks/webhooks.ts'
import type { SandboxServer } from '../../server.ts'
import { startServer } from '../../server.ts'

const dataset = 'ann/digits'
let hub: SandboxHub
let receiver: SandboxServer
let waits: number[]
let now: Date
let webhook: Webhook

async function start(options: { triggersPerDay?: number; suspendAfter?: number } = {}): Promise<void> {
  waits = []
  now = new Date('2026-01-01T00:00:00Z')
  hub = await startHub({
    ...options,
    now: () => now,
    sleep: async (ms) => {
      waits.push(ms)
    },
  })
  hub.addUser({ name: 'ann', token: 'hf_ann', orgs: ['lab'] })
  hub.addUser({ name: 'eve', token: 'hf_eve' })
  hub.createDataset({ name: dataset, files: { 'a.txt': 'a' } })
  webhook = hub.webhook({
    url: `${receiver.url}/hook?x=1`,
    secret: 's3cret',
    watched: [dataset],
    domains: ['repo', 'discussion'],
  })
}

beforeEach(async () => {
  receiver = await startServer({ app: new Hono().post('*', (c) => c.text('ok')) })
  await start()
})
afterEach(async () => {
  await hub.close()
  await receiver.close()
})

async function received() {
  await hub.settled()
  return receiver.requests.map(({ body }) => JSON.parse(body ?? ''))
}

const head = () => hub.repository(dataset).refs.get('refs/heads/main')

function expectedRepo() {
  const { id, owner } = hub.repository(dataset)
  const url = { web: `${hub.url}/datasets/${dataset}`, api: `${hub.url}/api/datasets/${dataset}` }
  return { type: 'dataset', name: dataset, id, private: false, url, owner: { id: owner.id } }
}

test('A commit posts a version 3 payload with the raw secret and its own id.', async () => {
  const oldSha = head()
  const { sha } = hub.commit(dataset, { files: { 'b.txt': 'b' } })
  const [payload] = await received()
  expect(payload).toEqual({
    event: { action: 'update', scope: 'repo.content' },
    repo: { ...expectedRepo(), headSha: sha },
    webhook: { id: webhook.id, version: 3 },
    updatedRefs: [{ ref: 'refs/heads/main', oldSha, newSha: sha }],
  })
  const [request] = receiver.requests
  expect(request).toMatchObject({ method: 'POST', path: '/hook?x=1', status: 200 })
  expect(request?.headers).toMatchObject({
    'x-webhook-secret': 's3cret',
    'webhook-id': hub.deliveries[0]?.id,
    'content-type': 'application/json',
  })
  expect(hub.deliveries).toMatchObject([{ state: 'delivered', attempts: [{ status: 200, body: 'ok' }] }])
})

test('A webhook without a secret sends no secret header.', async () => {
  webhook.secret = ''
  hub.commit(dataset, { files: { 'b.txt': 'b' } })
  await hub.settled()
  expect(receiver.requests[0]?.headers).not.toHaveProperty('x-webhook-secret')
})

test("Events of branches, tags and pull requests have the scope repo.content and main's headSha.", async () => {
  const main = head()
  hub.branch(dataset, 'next')
  const next = hub.commit(dataset, { ref: 'refs/heads/next', files: { 'b.txt': 'b' } }).sha
  hub.tag(dataset, 'v1')
  const pr = hub.openPullRequest(dataset, { files: { 'c.txt': 'c' }, author: 'eve' }).commit.sha
  hub.deleteRef(dataset, 'refs/tags/v1')
  const payloads = await received()
  const content = payloads.filter(({ event }) => event.scope === 'repo.content')
  expect(content.map(({ event, updatedRefs }) => [event.action, updatedRefs])).toEqual([
    ['update', [{ ref: 'refs/heads/next', oldSha: null, newSha: main }]],
    ['update', [{ ref: 'refs/heads/next', oldSha: main, newSha: next }]],
    ['update', [{ ref: 'refs/tags/v1', oldSha: null, newSha: main }]],
    ['update', [{ ref: 'refs/pr/1', oldSha: null, newSha: pr }]],
    ['update', [{ ref: 'refs/tags/v1', oldSha: main, newSha: null }]],
  ])
  expect(content.map(({ repo }) => repo.headSha)).toEqual(Array(5).fill(main))
})

test('Merging a pull request moves main and updates the discussion.', async () => {
  const { discussion } = hub.openPullRequest(dataset, { files: { 'c.txt': 'c' }, title: 'Add c' })
  const oldSha = head()
  await hub.settled()
  receiver.requests.length = 0
  const { sha } = hub.mergePullRequest(dataset, discussion.num)
  const [content, update] = await received()
  expect(content.updatedRefs).toEqual([{ ref: 'refs/heads/main', oldSha, newSha: sha }])
  expect(content.repo.headSha).toBe(sha)
  expect(update).toMatchObject({
    event: { action: 'update', scope: 'discussion' },
    discussion: { status: 'merged', changes: { base: 'refs/heads/main', mergeCommitId: sha } },
  })
})

test('A setting that is not reported gives an empty updatedConfig.', async () => {
  hub.setPrivate(dataset, true)
  hub.setPrivate(dataset, true)
  const payloads = await received()
  expect(payloads.map(({ event, updatedConfig }) => [event.action, event.scope, updatedConfig])).toEqual([
    ['update', 'repo.config', { private: true }],
    ['update', 'repo.config', {}],
  ])
  expect(payloads[0].repo.private).toBe(true)
})

test('Events of discussions and comments carry no headSha, and a hidden comment carries no text.', async () => {
  const { num, id } = hub.discuss(dataset, { title: 'Hello', description: 'World', author: 'eve' })
  const comment = hub.comment(dataset, num, 'Answer')
  const hide = `${hub.url}/api/datasets/${dataset}/discussions/${num}/comment/${comment.id}/hide`
  await fetch(hide, { method: 'POST', headers: { authorization: 'Bearer hf_ann' } })
  hub.closeDiscussion(dataset, num)
  const payloads = await received()
  expect(payloads.map(({ event }) => [event.action, event.scope])).toEqual([
    ['create', 'discussion'],
    ['create', 'discussion.comment'],
    ['update', 'discussion.comment'],
    ['update', 'discussion'],
  ])
  const web = `${hub.url}/datasets/${dataset}/discussions/${num}`
  const api = `${hub.url}/api/datasets/${dataset}/discussions/${num}`
  const author = { id: hub.state.accounts.find('eve')?.id }
  const discussion = { id, num, title: 'Hello', status: 'open', isPullRequest: false, pinned: false }
  expect(payloads[1]).toEqual({
    event: { action: 'create', scope: 'discussion.comment' },
    repo: expectedRepo(),
    discussion: { ...discussion, author, url: { web, api } },
    comment: {
      id: comment.id,
      author: { id: hub.state.accounts.find('ann')?.id },
      content: 'Answer',
      hidden: false,
      url: { web: `${web}#${comment.id}` },
    },
    webhook: { id: webhook.id, version: 3 },
  })
  expect(payloads[2].comment).toEqual({ ...payloads[1].comment, hidden: true, content: undefined })
  expect(payloads[3].discussion.status).toBe('closed')
})

test('A webhook on an account gets events of new, moved and deleted repositories.', async () => {
  hub.state.webhooks.remove(webhook)
  hub.webhook({ url: receiver.url, watched: [{ type: 'user', name: 'ann' }], owner: 'ann' })
  const { id } = hub.createDataset({ name: 'ann/other' })
  hub.move('ann/other', 'lab/other')
  hub.createDataset({ name: 'ann/third' })
  hub.deleteRepository('ann/third')
  const payloads = await received()
  expect(payloads.map(({ event, repo }) => [event.action, event.scope, repo.name])).toEqual([
    ['create', 'repo', 'ann/other'],
    ['move', 'repo', 'ann/other'],
    ['create', 'repo', 'ann/third'],
    ['delete', 'repo', 'ann/third'],
  ])
  expect(payloads[1]).toMatchObject({
    repo: { id },
    movedTo: { name: 'lab/other', owner: { id: hub.state.accounts.find('lab')?.id } },
  })
})

test('A webhook gets only events of its domains and of repositories that its owner may read.', async () => {
  hub.state.webhooks.remove(webhook)
  hub.createDataset({ name: 'lab/secret', private: true })
  hub.webhook({ url: `${receiver.url}/ann`, watched: ['lab/secret'], owner: 'ann' })
  hub.webhook({ url: `${receiver.url}/eve`, watched: ['lab/secret'], owner: 'eve' })
  hub.discuss('lab/secret', { title: 'Quiet' })
  hub.commit('lab/secret', { files: { 'b.txt': 'b' } })
  await hub.settled()
  expect(receiver.requests.map(({ path }) => path)).toEqual(['/ann'])
})

test('A non-2xx response is retried with growing waits under the same id.', async () => {
  receiver.fault({ path: /hook/, status: 503, times: 2 })
  receiver.fault({ path: /hook/, status: 302, headers: { location: '/elsewhere' } })
  hub.commit(dataset, { files: { 'b.txt': 'b' } })
  await hub.settled()
  const statuses = hub.deliveries[0]?.attempts.map(({ status }) => status)
  expect([statuses, hub.deliveries[0]?.state]).toEqual([[503, 503, 302, 200], 'delivered'])
  expect(waits).toEqual([5, 10, 20])
  expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id']))).toEqual(
    new Set([hub.deliveries[0]?.id]),
  )
  expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(1)
})

test('A delivery that never succeeds fails in the end, and can be replayed with the same id and body.', async () => {
  const fault = receiver.fault({ path: /hook/, reset: true, times: 100 })
  hub.commit(dataset, { files: { 'b.txt': 'b' } })
  await hub.settled()
  const [delivery] = hub.deliveries
  expect(delivery).toMatchObject({ state: 'failed', attempts: Array(5).fill({ status: null }) })

  fault.lift()
  receiver.requests.length = 0
  hub.commit(dataset, { files: { 'c.txt': 'c' } })
  await hub.settled()
  Object.assign(webhook, { url: `${receiver.url}/moved`, secret: 'other' })
  const path = `${hub.url}/api/settings/webhooks/${webhook.id}/replay/${delivery?.id}`
  const answer = await fetch(path, { method: 'POST', headers: { authorization: 'Bearer hf_ann' } })
  expect(await answer.json()).toEqual({ status: 200 })
  const last = receiver.requests.at(-1)
  expect(last?.path).toBe('/moved')
  expect(last?.headers).toMatchObject({ 'webhook-id': delivery?.id, 'x-webhook-secret': 'other' })
  expect(JSON.parse(last?.body ?? '')).toEqual(delivery?.payload)
})

test('Too many failures in a row suspend a webhook until it is enabled again.', async () => {
  await hub.close()
  await start({ suspendAfter: 7 })
  const fault = receiver.fault({ path: /hook/, status: 500, times: 100 })
  hub.commit(dataset, { files: { 'b.txt': 'b' } })
  await hub.settled()
  hub.commit(dataset, { files: { 'c.txt': 'c' } })
  await hub.settled()
  expect(hub.deliveries.map(({ state }) => state)).toEqual(['failed', 'suspended'])
  const headers = { authorization: 'Bearer hf_ann' }
  const one = `${hub.url}/api/settings/webhooks/${webhook.id}`
  expect(await (await fetch(one, { headers })).json()).toMatchObject({
    webhook: { disabled: 'suspended-after-failure' },
  })
  hub.commit(dataset, { files: { 'd.txt': 'd' } })
  expect(hub.deliveries).toHaveLength(2)

  fault.lift()
  await fetch(`${one}/enable`, { method: 'POST', headers })
  hub.commit(dataset, { files: { 'e.txt': 'e' } })
  await hub.settled()
  expect(hub.deliveries.at(-1)).toMatchObject({ state: 'delivered' })
})

test("The 1,001st trigger within a day is not delivered, and the next day's first is.", async () => {
  await hub.close()
  await start({ triggersPerDay: 3 })
  for (let index = 0; index < 5; index += 1) hub.commit(dataset, { files: { 'b.txt': String(index) } })
  now = new Date(now.getTime() + 24 * 60 * 60 * 1000)
  hub.commit(dataset, { files: { 'b.txt': 'next day' } })
  await hub.settled()
  expect(hub.deliveries.map(({ state }) => state)).toEqual([
    'delivered',
    'delivered',
    'delivered',
    'over-limit',
    'over-limit',
    'delivered',
  ])
})

test('Closing the Hub ends a delivery whose receiver never answers.', async () => {
  receiver.fault({ path: /hook/, hang: true })
  hub.commit(dataset, { files: { 'b.txt': 'b' } })
  await hub.close()
  expect(hub.deliveries[0]?.attempts).toEqual([])
  await start()
})
