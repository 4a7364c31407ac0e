import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { SandboxHub } from '../../hub/start.ts'
import { startHub } from '../../hub/start.ts'

let hub: SandboxHub

const fineGrained = (type: 'dataset' | 'user', name: string, ...permissions: string[]) => ({
  scoped: [{ entity: { type, name }, permissions }],
})

beforeEach(async () => {
  hub = await startHub()
  hub.addUser({ name: 'ann', token: 'hf_write', orgs: [{ name: 'lab', role: 'read' }] })
  hub.addUser({ name: 'eve', token: 'hf_foreign' })
  hub.addUser({ name: 'lou', token: 'hf_lab', orgs: [{ name: 'lab', role: 'admin' }] })
  hub.addToken({ token: 'hf_read', user: 'ann', role: 'read' })
  const tokens = {
    hf_reads_private: fineGrained('dataset', 'ann/private', 'repo.content.read'),
    hf_reads_own: fineGrained('user', 'ann', 'repo.content.read'),
    hf_writes_public: fineGrained('dataset', 'ann/public', 'repo.write'),
    hf_discusses: { global: ['discussion.write'] },
    hf_watches: fineGrained('user', 'ann', 'user.webhooks.read'),
  }
  for (const [token, permissions] of Object.entries(tokens)) {
    hub.addToken({ token, user: 'ann', role: 'fineGrained', permissions })
  }
  hub.createDataset({ name: 'ann/public', files: { 'a.txt': 'a' } })
  hub.createDataset({ name: 'ann/private', private: true, files: { 'a.txt': 'a' } })
  hub.createDataset({ name: 'lab/private', private: true })
})
afterEach(() => hub.close())

interface Call {
  method?: string
  body?: unknown
  /** @default JSON of `body` */
  text?: string
  type?: string
}

async function call(token: string | undefined, path: string, options: Call = {}) {
  const { method = 'GET', body, text = body === undefined ? undefined : JSON.stringify(body) } = options
  const response = await fetch(`${hub.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(text !== undefined && { 'content-type': options.type ?? 'application/json' }),
    },
    ...(text !== undefined && { body: text }),
  })
  return { response, answer: await response.text() }
}

async function refusal(token: string | undefined, path: string, options: Call = {}) {
  const { response, answer } = await call(token, path, options)
  const message = response.headers.get('x-error-message')
  if (!response.ok) {
    // The header has the body's sentence, as far as a header can hold it.
    const { error } = JSON.parse(answer)
    expect(message).toBe(
      error
        .replace(/\s*\n\s*/g, ' ')
        .replace(/[^\x20-\x7e]/g, '')
        .trim(),
    )
  }
  return [response.status, response.headers.get('x-error-code'), message]
}

const CREATE_PR = 'Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request'
const DISCUSS = 'Your token does not have the required permission: discussion.write'
const BAD_TOKEN = 'Invalid credentials in Authorization header'
const ANONYMOUS = 'Invalid username or password.'

const ndjson = (...lines: unknown[]) => ({
  method: 'POST',
  text: lines.map((line) => JSON.stringify(line)).join('\n'),
  type: 'application/x-ndjson',
})
const aCommit = ndjson(
  { key: 'header', value: { summary: 'Change' } },
  { key: 'file', value: { path: 'b.txt', content: 'b' } },
)
const aDiscussion = { method: 'POST', body: { title: 'Hello', description: 'World' } }

test.each([
  ['an invalid token, on a public dataset', 'hf_wrong', 'public', 401, null, BAD_TOKEN],
  ['an anonymous request, on a private dataset', undefined, 'private', 401, null, ANONYMOUS],
  ['an anonymous request, on a dataset that does not exist', undefined, 'missing', 401, null, ANONYMOUS],
  [
    'a foreign token, on a private dataset',
    'hf_foreign',
    'private',
    404,
    'RepoNotFound',
    'Repository not found',
  ],
  [
    'a foreign token, on a missing dataset',
    'hf_foreign',
    'missing',
    404,
    'RepoNotFound',
    'Repository not found',
  ],
  [
    'a fine-grained token without the permission',
    'hf_writes_public',
    'private',
    404,
    'RepoNotFound',
    'Repository not found',
  ],
])('Reading is refused to %s.', async (_, token, name, status, code, message) => {
  expect(await refusal(token, `/api/datasets/ann/${name}/revision/main`)).toEqual([status, code, message])
  expect(await refusal(token, `/api/datasets/ann/${name}/tree/main`)).toEqual([status, code, message])
  expect(await refusal(token, `/datasets/ann/${name}/resolve/main/a.txt`)).toEqual([status, code, message])
})

test.each([
  ['an anonymous request, on a public dataset', undefined, 'ann/public'],
  ['a read token, on its own private dataset', 'hf_read', 'ann/private'],
  ['a fine-grained token that names the dataset', 'hf_reads_private', 'ann/private'],
  ['a fine-grained token that names the account', 'hf_reads_own', 'ann/private'],
  ['a member, on the private dataset of the organisation', 'hf_write', 'lab/private'],
])('Reading is allowed to %s.', async (_, token, name) => {
  expect(await refusal(token, `/api/datasets/${name}/revision/main`)).toEqual([200, null, null])
})

test.each([
  ['a revision', '/api/datasets/ann/public/revision/nope', 'RevisionNotFound', 'Invalid rev id: nope'],
  [
    'the tree of a revision',
    '/api/datasets/ann/public/tree/nope',
    'RevisionNotFound',
    'Invalid rev id: nope',
  ],
  ['a short sha', '/api/datasets/ann/public/revision/0123456', 'RevisionNotFound', 'Invalid rev id: 0123456'],
  ['a folder', '/api/datasets/ann/public/tree/main/x', 'EntryNotFound', 'x does not exist on "main"'],
  ['a file', '/datasets/ann/public/resolve/main/x', 'EntryNotFound', 'Entry not found'],
])('Reading %s that does not exist is a 404 with its error code.', async (_, path, code, message) => {
  expect(await refusal('hf_read', path)).toEqual([404, code, message])
})

test.each([
  ['a bad token', 'hf_wrong', 'public', [401, null, BAD_TOKEN]],
  ['nobody', undefined, 'public', [401, null, ANONYMOUS]],
  ['a read token', 'hf_read', 'public', [403, null, CREATE_PR]],
  ['a foreign token', 'hf_foreign', 'public', [403, null, CREATE_PR]],
  ['a fine-grained token that may only read', 'hf_reads_private', 'private', [403, null, CREATE_PR]],
  [
    'a foreign token, on a private dataset',
    'hf_foreign',
    'private',
    [404, 'RepoNotFound', 'Repository not found'],
  ],
])('A commit is refused to %s.', async (_, token, name, expected) => {
  expect(await refusal(token, `/api/datasets/ann/${name}/commit/main`, aCommit)).toEqual(expected)
  expect(hub.repository(`ann/${name}`).commits.size).toBe(2)
})

test('Only a token for this dataset may commit to it; another may open a pull request.', async () => {
  const path = '/api/datasets/ann/public/commit/main'
  expect(await refusal('hf_writes_public', path, aCommit)).toEqual([200, null, null])
  expect(await refusal('hf_foreign', `${path}?create_pr=1`, aCommit)).toEqual([200, null, null])
  expect(hub.discussions('ann/public')).toMatchObject([{ isPullRequest: true, author: { name: 'eve' } }])
})

test.each([
  ['a bad token', 'hf_wrong', 'public', [401, null, BAD_TOKEN]],
  ['nobody', undefined, 'public', [401, null, ANONYMOUS]],
  ['a read token', 'hf_read', 'public', [403, null, DISCUSS]],
  ['a fine-grained token without the permission', 'hf_reads_private', 'private', [403, null, DISCUSS]],
  [
    'a foreign token, on a private dataset',
    'hf_foreign',
    'private',
    [404, 'RepoNotFound', 'Repository not found'],
  ],
])('A discussion is refused to %s.', async (_, token, name, expected) => {
  const path = `/api/datasets/ann/${name}/discussions`
  expect(await refusal(token, path, aDiscussion)).toEqual(expected)
  expect(hub.discussions(`ann/${name}`)).toEqual([])
})

test('A discussion on a public dataset is accepted from any write token and from discussion.write.', async () => {
  const path = '/api/datasets/ann/public/discussions'
  expect(await refusal('hf_foreign', path, aDiscussion)).toEqual([200, null, null])
  expect(await refusal('hf_discusses', path, aDiscussion)).toEqual([200, null, null])
  expect(hub.discussions('ann/public')).toHaveLength(2)
})

describe('Repositories', () => {
  const create = (body: object) => ({ method: 'POST', body: { type: 'model', ...body } })
  const rights = (namespace: string) =>
    `You don't have the rights to create a model under the namespace "${namespace}"`

  test.each([
    ['nobody', undefined, { name: 'm' }, [401, null, ANONYMOUS]],
    ['a read token', 'hf_read', { name: 'm' }, [403, null, rights('ann')]],
    ["another user's token", 'hf_foreign', { name: 'm', organization: 'ann' }, [403, null, rights('ann')]],
    ['a member who only reads', 'hf_write', { name: 'm', organization: 'lab' }, [403, null, rights('lab')]],
    [
      'an account that does not exist',
      'hf_write',
      { name: 'm', organization: 'no' },
      [403, null, rights('no')],
    ],
    ['an invalid name', 'hf_write', { name: 'a--b' }, [400, null, 'Invalid repository name: a--b']],
  ])('No repository is created for %s.', async (_, token, body, expected) => {
    expect(await refusal(token, '/api/repos/create', create(body))).toEqual(expected)
  })

  test('Two repository names may not differ only in case.', async () => {
    expect(await refusal('hf_write', '/api/repos/create', create({ name: 'Net' }))).toEqual([200, null, null])
    const [status] = await refusal('hf_write', '/api/repos/create', create({ name: 'net' }))
    expect(status).toBe(409)
  })

  test('A moved repository redirects to its new name for tokens that may read it.', async () => {
    const body = { fromRepo: 'ann/private', toRepo: 'ann/hidden', type: 'dataset' }
    expect((await call('hf_write', '/api/repos/move', { method: 'POST', body })).response.status).toBe(200)
    const { response } = await call('hf_read', '/api/datasets/ann/private/revision/main?expand=sha')
    expect(response.status).toBe(307)
    expect(response.headers.get('location')).toBe('/api/datasets/ann/hidden/revision/main?expand=sha')
    const [status, code] = await refusal('hf_foreign', '/api/datasets/ann/private/revision/main')
    expect([status, code]).toEqual([404, 'RepoNotFound'])
  })

  test('A repository that becomes private is hidden from others.', async () => {
    const path = '/api/datasets/ann/public/settings'
    const [status] = await refusal('hf_foreign', path, { method: 'PUT', body: { private: true } })
    expect(status).toBe(403)
    await call('hf_write', path, { method: 'PUT', body: { visibility: 'private' } })
    expect((await refusal('hf_foreign', '/api/datasets/ann/public'))[0]).toBe(404)
  })
})

describe('An invalid commit', () => {
  const header = { key: 'header', value: { summary: 'Change' } }
  const file = (value: object) => ({ key: 'file', value })
  const sha = 'a'.repeat(64)
  test.each([
    ['without a summary', ndjson({ key: 'header', value: { summary: '' } }), 400],
    ['without a header', ndjson(file({ path: 'a', content: 'b' })), 400],
    ['with an unknown line', ndjson(header, { key: 'other', value: {} }), 400],
    ['with a path that climbs', ndjson(header, file({ path: '../a', content: 'b' })), 400],
    ['with a file where a folder is', ndjson(header, file({ path: 'dir', content: 'b' })), 400],
    ['with a file below a file', ndjson(header, file({ path: 'a.txt/b', content: 'b' })), 400],
    ['that deletes a missing file', ndjson(header, { key: 'deletedFile', value: { path: 'no' } }), 404],
    [
      'with binary content outside LFS',
      ndjson(header, file({ path: 'a.png', content: 'AAAA', encoding: 'base64' })),
      400,
    ],
    [
      'with an LFS file that was never uploaded',
      ndjson(header, { key: 'lfsFile', value: { path: 'a.png', algo: 'sha256', oid: sha, size: 3 } }),
      400,
    ],
    ['as JSON', { ...ndjson(header), type: 'application/json' }, 400],
  ])('A commit is refused %s.', async (_, options, status) => {
    hub.commit('ann/public', { files: { 'dir/x.txt': 'x' } })
    const [actual] = await refusal('hf_write', '/api/datasets/ann/public/commit/main', options)
    expect(actual).toBe(status)
    expect(hub.repository('ann/public').commits.size).toBe(3)
  })

  test('A commit is refused to a tag or a commit.', async () => {
    hub.tag('ann/public', 'v1')
    const head = hub.repository('ann/public').refs.get('refs/heads/main')
    for (const rev of ['v1', head]) {
      expect((await refusal('hf_write', `/api/datasets/ann/public/commit/${rev}`, aCommit))[0]).toBe(400)
    }
    expect((await refusal('hf_write', '/api/datasets/ann/public/commit/none', aCommit))[0]).toBe(404)
  })
})

describe('Tags', () => {
  const tag = (name: string) => ({ method: 'POST', body: { tag: name } })
  const path = '/api/datasets/ann/public/tag/main'

  test('A tag is created once, listed among the refs and removed.', async () => {
    expect((await call('hf_write', path, tag('v1'))).response.status).toBe(200)
    expect((await refusal('hf_write', path, tag('v1')))[0]).toBe(409)
    const { answer } = await call('hf_write', '/api/datasets/ann/public/refs')
    const head = hub.repository('ann/public').refs.get('refs/heads/main')
    expect(JSON.parse(answer)).toEqual({
      branches: [{ name: 'main', ref: 'refs/heads/main', targetCommit: head }],
      tags: [{ name: 'v1', ref: 'refs/tags/v1', targetCommit: head }],
      converts: [],
    })
    const remove = { method: 'DELETE' }
    expect((await call('hf_write', '/api/datasets/ann/public/tag/v1', remove)).response.ok).toBe(true)
    expect((await refusal('hf_write', '/api/datasets/ann/public/tag/v1', remove))[0]).toBe(404)
  })

  test('A tag needs a name that git allows and a write token.', async () => {
    expect((await refusal('hf_write', path, tag('a b')))[0]).toBe(400)
    expect((await refusal('hf_read', path, tag('v1')))[0]).toBe(403)
  })
})

describe('Webhook settings', () => {
  const path = '/api/settings/webhooks'
  const body = {
    url: 'https://relay.example/webhook',
    watched: [{ type: 'dataset', name: 'ann/public' }],
    domains: ['repo'],
    secret: 's3cret',
  }
  const create = (change: object = {}) => ({ method: 'POST', body: { ...body, ...change } })

  test('Webhook settings never return the secret.', async () => {
    const made = await call('hf_write', path, create())
    const { id } = JSON.parse(made.answer).webhook
    const listed = await call('hf_watches', path)
    const one = await call('hf_read', `${path}/${id}`)
    expect(JSON.parse(listed.answer)).toEqual([JSON.parse(one.answer).webhook])
    expect(JSON.parse(one.answer).webhook).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      url: body.url,
      watched: body.watched,
      domains: ['repo'],
      hasSecret: true,
      disabled: false,
    })
    expect(made.answer + listed.answer + one.answer).not.toContain('s3cret')
  })

  test('Webhook settings are changed, disabled, enabled and removed.', async () => {
    const { webhook } = JSON.parse((await call('hf_write', path, create())).answer)
    const one = `${path}/${webhook.id}`
    const changed = await call('hf_write', one, create({ domains: ['discussion'] }))
    expect(JSON.parse(changed.answer).webhook.domains).toEqual(['discussion'])
    const off = await call('hf_write', `${one}/disable`, { method: 'POST' })
    expect(JSON.parse(off.answer).webhook.disabled).toBe(true)
    const on = await call('hf_write', `${one}/enable`, { method: 'POST' })
    expect(JSON.parse(on.answer).webhook.disabled).toBe(false)
    expect((await call('hf_write', one, { method: 'DELETE' })).response.status).toBe(200)
    expect((await refusal('hf_write', one))[0]).toBe(404)
  })

  test.each([
    ['nothing watched', { watched: [] }, 400],
    ['no domain', { domains: [] }, 400],
    ['an unknown domain', { domains: ['discussions'] }, 400],
    ['no target', { url: undefined }, 400],
    ['two targets', { jobSourceId: 'x' }, 400],
    ['an invalid URL', { url: 'relay' }, 400],
    ['a secret that is not printable', { secret: 'a\nb' }, 400],
    ['a dataset that does not exist', { watched: [{ type: 'dataset', name: 'ann/none' }] }, 400],
  ])('Webhook settings are refused with %s.', async (_, change, status) => {
    expect((await refusal('hf_write', path, create(change)))[0]).toBe(status)
  })

  test('Webhook settings are refused to tokens without the permission.', async () => {
    expect((await refusal('hf_read', path, create()))[0]).toBe(403)
    expect((await refusal('hf_watches', path, create()))[0]).toBe(403)
    expect((await refusal('hf_discusses', path))[0]).toBe(403)
    const { webhook } = JSON.parse((await call('hf_write', path, create())).answer)
    expect((await refusal('hf_foreign', `${path}/${webhook.id}`))[0]).toBe(404)
  })
})

test('Every response says what is left of the quota, and the first request over it is a 429.', async () => {
  await hub.close()
  hub = await startHub({ quotas: { api: 3 } })
  hub.addUser({ name: 'ann', token: 'hf_write' })
  hub.createDataset({ name: 'ann/public' })
  const headers = async (path: string) => {
    const { response } = await call('hf_write', path)
    const left = response.headers.get('ratelimit')?.replace(/;t=\d+$/, '')
    return [response.status, left, response.headers.get('ratelimit-policy')]
  }
  const policy = '"fixed window";"api";q=3;w=300'
  expect(await headers('/api/datasets/ann/public')).toEqual([200, '"api";r=2', policy])
  expect(await headers('/api/datasets/ann/none')).toEqual([404, '"api";r=1', policy])
  expect(await headers('/datasets/ann/public/resolve/main/.gitattributes')).toEqual([
    307,
    '"resolvers";r=4999',
    '"fixed window";"resolvers";q=5000;w=300',
  ])
  expect(await headers('/api/whoami-v2')).toEqual([200, '"api";r=0', policy])
  expect(await headers('/api/whoami-v2')).toEqual([429, '"api";r=0', policy])
})

test('The object store refuses a request that carries a Hub token.', async () => {
  hub.commit('ann/public', { files: { 'a.png': Uint8Array.of(1, 2, 3) } })
  const { response } = await call(undefined, '/datasets/ann/public/resolve/main/a.png')
  expect(response.status).toBe(302)
  const location = response.headers.get('location') ?? ''
  expect(new URL(location).origin).toBe(hub.storage.url)
  expect((await fetch(location, { headers: { authorization: 'Bearer hf_write' } })).status).toBe(400)
  expect(new Uint8Array(await (await fetch(location)).arrayBuffer())).toEqual(Uint8Array.of(1, 2, 3))
  expect((await fetch(location.replace(/Signature=..../, 'Signature=0000'))).status).toBe(403)
})
