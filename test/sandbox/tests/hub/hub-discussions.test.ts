import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { SandboxHub } from '../../hub/start.ts'
import { startHub } from '../../hub/start.ts'

let hub: SandboxHub
const dataset = 'ann/digits'

beforeEach(async () => {
  hub = await startHub()
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.addUser({ name: 'eve', token: 'hf_eve' })
  hub.createDataset({ name: dataset, files: { 'a.txt': 'a' } })
})
afterEach(() => hub.close())

async function call(path: string, options: { token?: string; body?: unknown; method?: string } = {}) {
  const { token = 'hf_ann', body, method = body === undefined ? 'GET' : 'POST' } = options
  const response = await fetch(`${hub.url}/api/datasets/${dataset}/discussions${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, answer: await response.json() }
}

const open = (title: string, token = 'hf_ann', description = 'Text') =>
  call('', { token, body: { title, description } })

test('A new discussion is answered 200 with its number and page, and its text is the first comment.', async () => {
  expect(await open('Retraining started', 'hf_eve', 'Hello <b>')).toEqual({
    status: 200,
    answer: { url: `${hub.url}/datasets/${dataset}/discussions/1`, num: 1, pullRequest: false },
  })
  const { answer } = await call('/1', { token: 'hf_eve' })
  expect(answer).toMatchObject({
    num: 1,
    title: 'Retraining started',
    status: 'open',
    isPullRequest: false,
    author: { name: 'eve', type: 'user' },
    repo: { name: dataset, type: 'dataset' },
    events: [
      { type: 'comment', author: { name: 'eve' }, data: { hidden: false, latest: { raw: 'Hello <b>' } } },
    ],
  })
  expect(answer.events[0].data.latest.html).not.toContain('<b>')
})

test('The list of discussions is paged, and filtered by author, status, kind and words.', async () => {
  for (let index = 1; index <= 32; index += 1) {
    await open(index % 2 ? `Run ${index}` : `Question ${index}`, index % 4 ? 'hf_ann' : 'hf_eve')
  }
  hub.openPullRequest(dataset, { files: { 'b.txt': 'b' }, title: 'Fix' })
  for (const num of [1, 2, 3]) hub.closeDiscussion(dataset, num)
  const list = async (query: string) => {
    const found: number[] = []
    for (let p = 0; ; p += 1) {
      const { answer } = await call(`?p=${p}&${query}`)
      found.push(...answer.discussions.map(({ num }: { num: number }) => num))
      if (answer.start + answer.discussions.length >= answer.count) return { found, pages: p + 1 }
    }
  }
  const all = await list('')
  expect(all.found).toEqual(Array.from({ length: 33 }, (_, index) => 33 - index))
  expect(all.pages).toBe(3)
  expect((await list('status=closed')).found).toEqual([3, 2, 1])
  expect((await list('status=open')).found).toHaveLength(30)
  expect((await list('author=eve')).found).toEqual([32, 28, 24, 20, 16, 12, 8, 4])
  expect((await list('type=pull_request')).found).toEqual([33])
  expect((await list('type=discussion&search=question&author=ann')).found).toHaveLength(8)
  expect((await call('?status=opened')).status).toBe(400)
})

test('A comment is added with 201, edited only by its author, and hidden permanently.', async () => {
  await open('Thread')
  const { status, answer } = await call('/1/comment', { body: { comment: 'First' } })
  expect(status).toBe(201)
  expect(answer.newMessage).toMatchObject({
    type: 'comment',
    data: { edited: false, latest: { raw: 'First' } },
  })
  const one = `/1/comment/${answer.newMessage.id}`

  expect((await call(`${one}/edit`, { token: 'hf_eve', body: { content: 'Mine' } })).status).toBe(403)
  const edited = await call(`${one}/edit`, { body: { content: 'Second' } })
  expect(edited.answer.updatedComment.data).toMatchObject({
    edited: true,
    numEdits: 1,
    latest: { raw: 'Second' },
  })

  expect((await call(`${one}/hide`, { token: 'hf_eve', method: 'POST' })).status).toBe(403)
  const hidden = await call(`${one}/hide`, { method: 'POST' })
  expect(hidden.answer.updatedComment.data.hidden).toBe(true)
  expect((await call(`${one}/edit`, { body: { content: 'Third' } })).status).toBe(400)
  expect(JSON.stringify((await call('/1')).answer)).not.toContain('Second')
})

test('Only the author and accounts with write access change the status and title of a discussion.', async () => {
  await open('By Ann')
  await open('By Eve', 'hf_eve')
  const close = { status: 'closed', comment: 'Done' }
  expect((await call('/1/status', { token: 'hf_eve', body: close })).status).toBe(403)
  expect((await call('/2/status', { body: close })).answer.newStatus.data).toEqual({ status: 'closed' })
  const title = { title: 'Still by Eve' }
  expect((await call('/1/title', { token: 'hf_eve', body: title })).status).toBe(403)
  expect((await call('/2/title', { token: 'hf_eve', body: title })).answer.newTitle.data).toEqual({
    from: 'By Eve',
    to: 'Still by Eve',
  })
  const { answer } = await call('/2')
  expect(answer).toMatchObject({ title: 'Still by Eve', status: 'closed' })
  expect(answer.events.map(({ type }: { type: string }) => type)).toEqual([
    'comment',
    'comment',
    'status-change',
    'title-change',
  ])
})

test.each([
  ['a title of two characters', '', { title: 'Hi', description: 'x' }],
  ['a title of 201 characters', '', { title: 'x'.repeat(201), description: 'x' }],
  ['a description of 65,537 characters', '', { title: 'Hello', description: 'x'.repeat(65_537) }],
  ['no description', '', { title: 'Hello', comment: 'x' }],
  ['an empty comment', '/1/comment', { comment: '' }],
  ['a comment in the field description', '/1/comment', { description: 'x' }],
  ['an edit in the field comment', '/1/comment/first/edit', { comment: 'x' }],
  ['a status that does not exist', '/1/status', { status: 'merged' }],
])('A discussion request is refused with %s.', async (_, path, body) => {
  await open('Thread')
  const first = hub.discussions(dataset)[0]?.events[0]?.id ?? ''
  const { status, answer } = await call(path.replace('first', first), { body })
  expect(status).toBe(400)
  expect(answer.error).toEqual(expect.any(String))
  expect(hub.discussions(dataset)).toHaveLength(1)
  expect(hub.discussions(dataset)[0]?.events).toHaveLength(1)
})

test('A pull request created through the API is a draft, which cannot be merged until it is published.', async () => {
  const { answer } = await call('', { body: { title: 'Change', description: '', pullRequest: true } })
  expect(answer).toMatchObject({ num: 1, pullRequest: true, references: { base: 'refs/heads/main' } })
  hub.commit(dataset, { ref: 'refs/pr/1', files: { 'b.txt': 'b' }, title: 'Add b' })
  expect((await call('/1/merge', { body: {} })).status).toBe(400)
  await call('/1/status', { body: { status: 'open' } })
  expect((await call('/1/merge', { token: 'hf_eve', body: {} })).status).toBe(403)
  expect((await call('/1/merge', { body: {} })).status).toBe(200)
  expect((await call('/1')).answer).toMatchObject({
    status: 'merged',
    events: [
      { type: 'comment' },
      { type: 'commit', data: { subject: 'Add b' } },
      {},
      { type: 'status-change' },
    ],
  })
})

test('A pull request that changes the same file as main is in conflict.', async () => {
  hub.openPullRequest(dataset, { files: { 'a.txt': 'theirs' } })
  hub.commit(dataset, { files: { 'a.txt': 'ours' } })
  expect((await call('/1/merge', { body: {} })).status).toBe(409)
})

test('A discussion that does not exist, or was deleted, is a 404.', async () => {
  await open('Gone soon')
  expect((await call('/1', { method: 'DELETE', token: 'hf_eve' })).status).toBe(403)
  expect((await call('/1', { method: 'DELETE' })).status).toBe(200)
  expect((await call('/1')).status).toBe(404)
  expect((await call('/1/comment', { body: { comment: 'x' } })).status).toBe(404)
})

test('A repository with discussions disabled accepts none.', async () => {
  await fetch(`${hub.url}/api/datasets/${dataset}/settings`, {
    method: 'PUT',
    headers: { authorization: 'Bearer hf_ann', 'content-type': 'application/json' },
    body: JSON.stringify({ discussionsDisabled: true }),
  })
  expect((await open('Hello')).status).toBe(403)
})
