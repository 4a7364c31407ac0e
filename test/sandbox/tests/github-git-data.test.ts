import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { gitStore } from '../github/git-store.ts'
import { type SandboxGitHub, startGitHub } from '../github/github.ts'

const repository = 'acme/retrain'
const headSha = '1'.repeat(40)
const nowhere = '2'.repeat(40)
let github: SandboxGitHub

beforeEach(async () => {
  github = await startGitHub({
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    repositories: [
      {
        name: repository,
        private: true,
        headSha,
        tokens: { writer: { contents: 'write' }, ghs_reader: { contents: 'read' }, ghs_none: {} },
      },
      { name: 'acme/empty', headSha: '', tokens: { writer: { contents: 'write' } } },
      { name: 'acme/open', headSha, tokens: { elsewhere: { contents: 'write' } } },
    ],
  })
})

afterEach(() => github.close())

interface Call {
  repository?: string
  token?: string | null
  body?: unknown
}

async function call(method: string, path: string, change: Call = {}) {
  const { token = 'writer', body } = change
  const response = await fetch(`${github.url}/repos/${change.repository ?? repository}/git/${path}`, {
    method,
    headers: token === null ? {} : { authorization: `token ${token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, json: text === '' ? null : JSON.parse(text) }
}

const tagBody = { tag: 'a/b', message: 'hello', object: headSha, type: 'commit' }

async function makeTag(message = 'hello'): Promise<string> {
  return (await call('POST', 'tags', { body: { ...tagBody, message } })).json.sha
}

async function makeRef(ref: string, sha = headSha) {
  return await call('POST', 'refs', { body: { ref, sha } })
}

test("A tag object has git's own sha, belongs to no ref, and is read by that sha.", async () => {
  const made = await call('POST', 'tags', { body: tagBody })
  // As `git hash-object -t tag` has it.
  expect(made).toMatchObject({
    status: 201,
    json: {
      sha: 'bbb1b636d6c088d267ea2e6db407907560abc98c',
      message: 'hello',
      object: { sha: headSha, type: 'commit' },
      tagger: { date: '2026-01-02T03:04:05Z' },
    },
  })
  expect(await call('GET', `tags/${made.json.sha}`)).toMatchObject({
    status: 200,
    json: { message: 'hello' },
  })
  expect([...gitStore(github.repositories[0]!).refs.keys()]).toEqual(['refs/heads/main'])
})

test('The same tag created twice is one object.', async () => {
  expect(await makeTag()).toBe(await makeTag())
  expect(await makeTag('other')).not.toBe(await makeTag())
})

test('A ref in its own namespace is created once, moved only by force, and deleted once.', async () => {
  const [first, second] = [await makeTag('1'), await makeTag('2')]
  const path = 'refs/auto-retrain/k/1'
  const answer = { ref: path, object: { sha: first, type: 'tag' } }
  expect(await makeRef(path, first)).toMatchObject({ status: 201, json: answer })
  expect(await makeRef(path, second)).toMatchObject({
    status: 422,
    json: { message: 'Reference already exists', status: '422' },
  })
  expect(await call('GET', 'ref/auto-retrain/k/1')).toMatchObject({ status: 200, json: answer })
  expect(await call('GET', 'ref/auto-retrain%2Fk%2F1')).toMatchObject({ status: 200, json: answer })

  expect(await call('PATCH', path, { body: { sha: second } })).toMatchObject({ status: 422 })
  expect(await call('PATCH', path, { body: { sha: second, force: true } })).toMatchObject({ status: 200 })
  expect(await call('GET', 'ref/auto-retrain/k/1')).toMatchObject({ json: { object: { sha: second } } })

  expect(await call('DELETE', path)).toEqual({ status: 204, json: null })
  const gone = { status: 422, json: { message: 'Reference does not exist' } }
  expect(await call('DELETE', path)).toMatchObject(gone)
  expect(await call('PATCH', path, { body: { sha: second, force: true } })).toMatchObject(gone)
  expect(await call('GET', 'ref/auto-retrain/k/1')).toMatchObject({ status: 404 })
})

test('Of many requests that create the same ref at the same time, one succeeds.', async () => {
  const shas = await Promise.all(Array.from({ length: 8 }, (_, n) => makeTag(String(n))))
  const answers = await Promise.all(shas.map((sha) => makeRef('refs/auto-retrain/k/1', sha)))
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(422)])
  const winner = answers.find(({ status }) => status === 201)!.json.object.sha
  expect(gitStore(github.repositories[0]!).refs.get('refs/auto-retrain/k/1')).toBe(winner)
})

test('Matching refs are found by the start of the name, sorted, and include the branches.', async () => {
  for (const ref of ['k/1-10', 'k/1-1', 'k/1', 'k2/1', 'j/1']) await makeRef(`refs/auto-retrain/${ref}`)
  const names = async (prefix: string) =>
    (await call('GET', `matching-refs/${prefix}`)).json.map(({ ref }: { ref: string }) => ref)
  expect(await names('auto-retrain/k/1-1')).toEqual(['refs/auto-retrain/k/1-1', 'refs/auto-retrain/k/1-10'])
  expect(await names('auto-retrain%2Fk')).toHaveLength(4)
  expect(await names('auto-retrain/none')).toEqual([])
  expect(await names('heads')).toEqual(['refs/heads/main'])
})

describe('An invalid git data request', () => {
  const ref = 'refs/auto-retrain/k/1'
  // biome-ignore format: a table
  const rows: [string, string, string, Call, number, string][] = [
    ['a ref outside refs/', 'POST', 'refs', { body: { ref: 'heads/a/b', sha: headSha } }, 422, "start with 'refs/'"],
    ['a ref with one slash', 'POST', 'refs', { body: { ref: 'refs/a', sha: headSha } }, 422, 'at least three'],
    ['a ref with a bad name', 'POST', 'refs', { body: { ref: 'refs/a/b..c', sha: headSha } }, 422, 'not a valid ref'],
    ['a ref to an object that does not exist', 'POST', 'refs', { body: { ref, sha: nowhere } }, 422, 'Object does not exist'],
    ['a ref to half a sha', 'POST', 'refs', { body: { ref, sha: '12' } }, 422, 'exactly 40 characters'],
    ['a ref without sha', 'POST', 'refs', { body: { ref } }, 422, '"sha" wasn\'t supplied.'],
    ['a ref below another ref', 'POST', 'refs', { body: { ref: 'refs/heads/main/x', sha: headSha } }, 422, 'Reference update failed'],
    ['a body that is not JSON', 'POST', 'refs', { body: '{' }, 400, 'Problems parsing JSON'],
    ['a tag of an object that does not exist', 'POST', 'tags', { body: { ...tagBody, object: nowhere } }, 422, 'Object does not exist'],
    ['a tag of another type', 'POST', 'tags', { body: { ...tagBody, type: 'tree' } }, 422, 'Object does not exist'],
    ['a tag without message', 'POST', 'tags', { body: { ...tagBody, message: undefined } }, 422, '"message" wasn\'t supplied.'],
    ['reading a tag object that does not exist', 'GET', `tags/${headSha}`, {}, 404, 'Not Found'],
    ['force as text', 'PATCH', ref, { body: { sha: headSha, force: 'true' } }, 422, 'is not a boolean'],
    ['an update to an object that does not exist', 'PATCH', ref, { body: { sha: nowhere, force: true } }, 422, 'Object does not exist'],
    ['deletion of the default branch', 'DELETE', 'refs/heads/main', {}, 422, 'default branch'],
    ['a write with a token that may only read', 'POST', 'refs', { token: 'ghs_reader', body: { ref, sha: headSha } }, 403, 'not accessible by integration'],
    ['a tag with a token that may only read', 'POST', 'tags', { token: 'ghs_reader', body: tagBody }, 403, 'not accessible by integration'],
    ['a deletion with a token that may only read', 'DELETE', 'refs/heads/main', { token: 'ghs_reader' }, 403, 'not accessible by integration'],
    ['reading without the permission', 'GET', 'matching-refs/heads', { token: 'ghs_none' }, 403, 'not accessible by integration'],
    ['reading a private repository without a token', 'GET', 'ref/heads/main', { token: null }, 404, 'Not Found'],
    ['an unknown token', 'GET', 'ref/heads/main', { token: 'x' }, 401, 'Bad credentials'],
    ['reading an empty repository', 'GET', 'matching-refs/heads', { repository: 'acme/empty' }, 409, 'Git Repository is empty.'],
    ['writing to an empty repository', 'POST', 'refs', { repository: 'acme/empty', body: { ref, sha: headSha } }, 409, 'Git Repository is empty.'],
  ]
  test.each(rows)('GitHub refuses %s.', async (_why, method, path, change, status, message) => {
    const before = [...gitStore(github.repositories[0]!).refs]
    const answer = await call(method, path, change)
    expect(answer).toMatchObject({ status, json: { message: expect.stringContaining(message) } })
    expect([...gitStore(github.repositories[0]!).refs]).toEqual(before)
  })
})

test('A read token reads its repository, and a public repository needs no token.', async () => {
  expect(await call('GET', 'ref/heads/main', { token: 'ghs_reader' })).toMatchObject({ status: 200 })
  expect(await call('GET', 'ref/heads/main', { repository: 'acme/open', token: null })).toMatchObject({
    status: 200,
  })
})

describe('GraphQL', () => {
  const query = (...oids: string[]) =>
    `query($o: String!, $r: String!) { repository(owner: $o, name: $r) { ${oids
      .map((oid, n) => `a${n}: object(oid: "${oid}") { ... on Tag { message } }`)
      .join(' ')} } }`

  async function ask(text: string, variables: object = { o: 'acme', r: 'retrain' }, token = 'writer') {
    const response = await fetch(`${github.url}/graphql`, {
      method: 'POST',
      headers: token === '' ? {} : { authorization: `bearer ${token}` },
      body: JSON.stringify({ query: text, variables }),
    })
    return { status: response.status, json: await response.json() }
  }

  test('One GraphQL answer has the messages of several tag objects, and none for other objects.', async () => {
    const shas = [await makeTag('1'), await makeTag('2')]
    expect(await ask(query(...shas, nowhere, headSha))).toEqual({
      status: 200,
      json: { data: { repository: { a0: { message: '1' }, a1: { message: '2' }, a2: null, a3: {} } } },
    })
  })

  test('A wrong GraphQL query is answered 200 with errors, and a missing token 401.', async () => {
    expect(await ask(query('12'))).toMatchObject({ status: 200, json: { errors: [{}] } })
    expect(await ask('{ viewer { login } }')).toMatchObject({ status: 200, json: { errors: [{}] } })
    expect(await ask(query(headSha), { o: 'acme', r: 'none' })).toMatchObject({
      status: 200,
      json: { data: { repository: null }, errors: [{ type: 'NOT_FOUND' }] },
    })
    expect(await ask(query(headSha), undefined, '')).toMatchObject({ status: 401 })
  })
})
