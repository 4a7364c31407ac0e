import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { SandboxHub } from '../../hub/start.ts'
import { startHub } from '../../hub/start.ts'

let hub: SandboxHub
let now: number
let shas: string[]

beforeEach(async () => {
  now = Date.UTC(2026, 0, 2, 12)
  hub = await startHub({ now: () => new Date(now), retryDelaysMs: [] })
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.addToken({ token: 'hf_read', user: 'ann', role: 'read' })
  hub.createDataset({ name: 'ann/digits', files: { 'a.txt': 'a' } })
  shas = ['b', 'c'].map((name) => hub.commit('ann/digits', { files: { [`${name}.txt`]: name } }).sha)
  // Refused at once: deliveries are read from the Hub's own list.
  hub.webhook({ url: 'http://127.0.0.1:1', watched: ['ann/digits'] })
})
afterEach(() => hub.close())

async function call(path: string, options: { body?: unknown; token?: string; method?: string } = {}) {
  const { body, token = 'hf_ann', method = body === undefined ? 'GET' : 'POST' } = options
  const response = await fetch(hub.url + path, {
    method,
    redirect: 'manual',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, answer: isJson ? JSON.parse(text) : text }
}

const api = '/api/datasets/ann/digits'

/** Status and error code of every way to ask for a commit; a file is served by a redirect. */
async function served(sha: string): Promise<string[]> {
  const paths = [
    `${api}/tree/${sha}`,
    `${api}/revision/${sha}`,
    `${api}/commits/${sha}`,
    `/datasets/ann/digits/resolve/${sha}/a.txt`,
  ]
  const answers = await Promise.all(paths.map((path) => call(path)))
  return [
    ...new Set(
      answers.map(({ status, headers }) => `${status === 307 ? 200 : status} ${headers.get('x-error-code')}`),
    ),
  ]
}

describe('A squashed history', () => {
  test('The branch has one commit with the same files, and the old commits are gone.', async () => {
    const files = (await call(`${api}/tree/main`)).answer
    const squashed = await call(`${api}/super-squash/main`, { body: { message: 'One' } })
    expect(squashed).toMatchObject({
      status: 200,
      answer: { commitId: expect.stringMatching(/^[0-9a-f]{40}$/) },
    })
    expect((await call(`${api}/tree/main`)).answer).toEqual(files)
    expect((await call(`${api}/commits/main`)).answer).toMatchObject([
      { id: squashed.answer.commitId, title: 'One' },
    ])
    for (const sha of shas) expect(await served(sha)).toEqual(['404 RevisionNotFound'])
  })

  test('A commit that a tag holds stays.', async () => {
    hub.tag('ann/digits', 'data-1', shas[0])
    hub.squash('ann/digits')
    expect(await served(shas[0]!)).toEqual(['200 null'])
    expect(await served(shas[1]!)).toEqual(['404 RevisionNotFound'])
  })

  test('The old commits can be served for a while, by the Hub clock.', async () => {
    hub.squash('ann/digits', { servedForMs: 60_000 })
    now += 59_999
    expect(await served(shas[1]!)).toEqual(['200 null'])
    now += 1
    expect(await served(shas[1]!)).toEqual(['404 RevisionNotFound'])
  })

  test('A webhook sees the push of a new head.', async () => {
    const { sha } = hub.squash('ann/digits')
    expect(hub.deliveries.map(({ payload }) => payload)).toMatchObject([
      {
        event: { action: 'update', scope: 'repo.content' },
        repo: { name: 'ann/digits', headSha: sha },
        updatedRefs: [{ ref: 'refs/heads/main', oldSha: shas[1], newSha: sha }],
      },
    ])
  })

  test.each([
    ['a tag', 'data-1', {}, 'hf_ann', 400],
    ['a branch that is not there', 'other', {}, 'hf_ann', 404],
    ['a message that is too long', 'main', { message: 'x'.repeat(501) }, 'hf_ann', 400],
    ['a token that may only read', 'main', {}, 'hf_read', 403],
  ])('The Hub refuses %s.', async (_, branch, body, token, status) => {
    hub.tag('ann/digits', 'data-1')
    expect(await call(`${api}/super-squash/${branch}`, { body, token })).toMatchObject({ status })
    expect(await served(shas[0]!)).toEqual(['200 null'])
  })
})

describe('A force-push', () => {
  test('Back to an old commit, what came after it is gone, and comes back with the next one.', async () => {
    hub.forcePush('ann/digits', shas[0]!)
    expect((await call(api)).answer.sha).toBe(shas[0])
    expect(await served(shas[1]!)).toEqual(['404 RevisionNotFound'])
    expect(hub.deliveries.at(-1)?.payload.updatedRefs).toEqual([
      { ref: 'refs/heads/main', oldSha: shas[1], newSha: shas[0] },
    ])
    hub.forcePush('ann/digits', shas[1]!)
    expect(await served(shas[1]!)).toEqual(['200 null'])
  })

  test('New commits after it follow the old one, and a Job cannot mount what is gone.', async () => {
    hub.forcePush('ann/digits', shas[0]!)
    const { sha } = hub.commit('ann/digits', { files: { 'd.txt': 'd' } })
    const ids = (await call(`${api}/commits/main`)).answer.map(({ id }: { id: string }) => id)
    expect(ids.slice(0, 2)).toEqual([sha, shas[0]])
    const volume = { type: 'dataset', source: 'ann/digits', mountPath: '/data', revision: shas[1] }
    const body = { flavor: 'cpu-basic', dockerImage: 'python:3.12', command: ['true'], volumes: [volume] }
    expect(await call('/api/jobs/ann', { body })).toMatchObject({ status: 404 })
  })
})

describe('A renamed repository', () => {
  const location = ({ status, headers }: Awaited<ReturnType<typeof call>>) => [
    status,
    headers.get('location'),
  ]

  test.each([
    ['GET', `${api}/tree/main?recursive=true`, '/api/datasets/ann/numbers/tree/main?recursive=true'],
    ['HEAD', '/datasets/ann/digits/resolve/main/a.txt', '/datasets/ann/numbers/resolve/main/a.txt'],
    ['POST', `${api}/discussions`, '/api/datasets/ann/numbers/discussions'],
    ['POST', `${api}/commit/main`, '/api/datasets/ann/numbers/commit/main'],
  ])('%s of the old name answers 307 with the path at the new one.', async (method, path, expected) => {
    hub.rename('ann/digits', 'ann/numbers')
    expect(location(await call(path, { method }))).toEqual([307, expected])
  })

  test('After several moves the redirect names the present name, and a new repository ends it.', async () => {
    hub.rename('ann/digits', 'ann/numbers')
    hub.rename('ann/numbers', 'ann/figures')
    expect(location(await call(api))).toEqual([307, '/api/datasets/ann/figures'])
    hub.createDataset({ name: 'ann/digits' })
    expect((await call(api)).status).toBe(200)
  })

  test('A move is an event with the new name beside the old; later ones have the new name and the same id.', async () => {
    const { id } = hub.repository('ann/digits')
    const body = { fromRepo: 'ann/digits', toRepo: 'ann/numbers', type: 'dataset' }
    expect(await call('/api/repos/move', { body })).toMatchObject({ status: 200 })
    hub.commit('ann/numbers', { files: { 'd.txt': 'd' } })
    const owner = hub.repository('ann/numbers').owner.id
    expect(hub.deliveries.map(({ payload }) => payload)).toMatchObject([
      {
        event: { action: 'move', scope: 'repo' },
        repo: { name: 'ann/digits', id },
        movedTo: { name: 'ann/numbers', owner: { id: owner } },
      },
      { event: { action: 'update', scope: 'repo.content' }, repo: { name: 'ann/numbers', id } },
    ])
    expect((await call('/api/datasets/ann/numbers')).answer).toMatchObject({ _id: id, id: 'ann/numbers' })
  })

  test('A name in a body is not redirected, and a hidden repository keeps its new name to itself.', async () => {
    hub.rename('ann/digits', 'ann/numbers')
    const body = { fromRepo: 'ann/digits', toRepo: 'ann/other', type: 'dataset' }
    expect(await call('/api/repos/move', { body })).toMatchObject({ status: 404 })
    hub.setPrivate('ann/numbers', true)
    hub.addUser({ name: 'eve', token: 'hf_eve' })
    expect(await call(api, { token: 'hf_eve' })).toMatchObject({ status: 404 })
  })

  test('A repository that moved away, back, and was deleted is not found under either name.', async () => {
    hub.rename('ann/digits', 'ann/numbers')
    hub.rename('ann/numbers', 'ann/digits')
    expect(location(await call('/api/datasets/ann/numbers'))).toEqual([307, api])
    hub.deleteRepository('ann/digits')
    expect([(await call(api)).status, (await call('/api/datasets/ann/numbers')).status]).toEqual([404, 404])
  })

  test('A model is redirected as well.', async () => {
    hub.createModel({ name: 'ann/model' })
    hub.rename('ann/model', 'ann/better', 'model')
    expect(location(await call('/api/models/ann/model'))).toEqual([307, '/api/models/ann/better'])
  })
})

test('The newest commit of a model can be read by its title, also below a checkpoint.', async () => {
  hub.createModel({ name: 'ann/model', files: { 'model.safetensors': 'weights' } })
  const title = 'Training in progress, step 500'
  const { sha } = hub.commit('ann/model', { type: 'model', title, files: { 'model.safetensors': 'half' } })
  expect((await call('/api/models/ann/model')).answer).toMatchObject({
    sha,
    lastModified: '2026-01-02T12:00:00.000Z',
  })
  expect((await call('/api/models/ann/model/commits/main?limit=1')).answer).toMatchObject([
    { id: sha, title, date: '2026-01-02T12:00:00.000Z' },
  ])
  const { answer } = await call('/api/models/ann/model/tree/main?expand=true')
  expect(answer).toContainEqual(
    expect.objectContaining({
      path: 'model.safetensors',
      lastCommit: expect.objectContaining({ id: sha, title }),
    }),
  )
})
