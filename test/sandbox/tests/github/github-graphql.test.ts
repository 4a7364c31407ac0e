import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type SandboxGitHub, startGitHub } from '../../github/github.ts'

const headSha = '1'.repeat(40)
let github: SandboxGitHub
let now = Date.UTC(2026, 0, 2, 12)

async function startWith(change: Partial<Parameters<typeof startGitHub>[0]> = {}): Promise<void> {
  const tokens = { writer: { contents: 'write' }, ghs_blind: {} } as const
  github = await startGitHub({
    repositories: [
      { name: 'acme/retrain', headSha, private: true, id: 4711, tokens },
      { name: 'acme/hidden', private: true },
    ],
    now: () => now,
    limits: { creationsPerMinute: 1000 },
    ...change,
  })
}

beforeEach(() => startWith())
afterEach(() => github.close())

async function send(path: string, body: object, token = 'writer') {
  const headers = { authorization: `bearer ${token}` }
  const response = await fetch(github.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, json: await response.json() }
}

async function ask(selection: string, token?: string) {
  const query = `{ repository(owner: "acme", name: "retrain") { ${selection} } }`
  const { json } = await send('/graphql', { query }, token)
  return { ...json, repository: json.data?.repository }
}

async function createRef(name: string, message?: string): Promise<string> {
  const git = '/repos/acme/retrain/git'
  const tag = { tag: 'a', message, object: headSha, type: 'commit' }
  const sha = message === undefined ? headSha : (await send(`${git}/tags`, tag)).json.sha
  await send(`${git}/refs`, { ref: `refs/auto-retrain/${name}`, sha })
  return sha
}

describe('GraphQL lists refs', () => {
  const names = ({ repository }: { repository: Record<string, { nodes: { name: string }[] }> }) =>
    Object.values(repository).map(({ nodes }) => nodes.map(({ name }) => name))

  test('Several prefixes come in one answer, with the messages of the tags that the refs hold.', async () => {
    const sha = await createRef('one/a', 'hello')
    await createRef('two/b')
    const refs = (prefix: string) =>
      `refs(refPrefix: "refs/auto-retrain/${prefix}/", last: 100) { totalCount nodes { prefix name target { oid ... on Tag { message } } } }`
    const { repository } = await ask(`one: ${refs('one')} two: ${refs('two')} three: ${refs('three')}`)
    const [one, two] = ['refs/auto-retrain/one/', 'refs/auto-retrain/two/']
    expect(repository).toEqual({
      one: { totalCount: 1, nodes: [{ prefix: one, name: 'a', target: { oid: sha, message: 'hello' } }] },
      two: { totalCount: 1, nodes: [{ prefix: two, name: 'b', target: { oid: headSha } }] },
      three: { totalCount: 0, nodes: [] },
    })
  })

  test('They are in the order of their names, from the first or the last, and pages follow by cursor.', async () => {
    for (const name of ['k/c', 'k/a', 'k/b', 'k/d']) await createRef(name)
    const refs = (args: string) => `refs(refPrefix: "refs/auto-retrain/k/", ${args}) { nodes { name } }`
    const descending = 'orderBy: { field: ALPHABETICAL, direction: DESC }'
    const answer = await ask(
      `a: ${refs('first: 2')} b: ${refs('last: 2')} c: ${refs(`last: 1, ${descending}`)} d: ${refs('first: 9, query: "b"')}`,
    )
    expect(names(answer)).toEqual([['a', 'b'], ['c', 'd'], ['a'], ['b']])

    const page = 'pageInfo { hasNextPage endCursor }'
    const first = await ask(
      `refs(refPrefix: "refs/auto-retrain/k/", first: 3) { edges { node { name } } ${page} }`,
    )
    const { endCursor } = first.repository.refs.pageInfo
    expect(first.repository.refs.pageInfo.hasNextPage).toBe(true)
    expect(names(await ask(refs(`first: 3, after: "${endCursor}"`)))).toEqual([['d']])
  })

  test.each([
    ['no count', '', 'MISSING_PAGINATION_BOUNDARIES'],
    ['more than 100', ', first: 101', 'EXCESSIVE_PAGINATION'],
    ['both ends', ', first: 1, last: 1', 'INVALID_PAGINATION_BOUNDARIES'],
  ])('A connection with %s is null with an error at its path.', async (_, args, type) => {
    const answer = await ask(`id refs(refPrefix: "refs/heads/"${args}) { nodes { name } }`)
    expect(answer).toMatchObject({
      repository: { id: expect.any(String), refs: { nodes: null } },
      errors: [{ type, path: ['repository', 'refs', 'nodes'] }],
    })
  })

  test('The total alone needs no count, and a prefix without a slash at its end is refused.', async () => {
    expect(await ask('refs(refPrefix: "refs/heads/") { totalCount }')).toMatchObject({
      repository: { refs: { totalCount: 1 } },
    })
    const answer = await ask('refs(refPrefix: "refs/hea", first: 1) { nodes { name } }')
    expect(answer).toMatchObject({ repository: { refs: null }, errors: [{ path: ['repository', 'refs'] }] })
  })

  test('Where GraphQL has only branches and tags, refs of other namespaces are missing.', async () => {
    await github.close()
    await startWith({ graphqlRefs: 'branches and tags' })
    await createRef('k/1')
    const refs = (prefix: string) => `refs(refPrefix: "${prefix}", first: 9) { nodes { name } }`
    expect(names(await ask(`a: ${refs('refs/auto-retrain/')} b: ${refs('refs/')}`))).toEqual([
      [],
      ['heads/main'],
    ])
    expect(await ask('ref(qualifiedName: "refs/auto-retrain/k/1") { name }')).toMatchObject({
      repository: { ref: null },
    })
  })
})

test('GraphQL finds one ref by its full or short name, and has the id of the repository.', async () => {
  await createRef('k/1', 'hello')
  const { repository } = await ask(`databaseId nameWithOwner
    full: ref(qualifiedName: "refs/auto-retrain/k/1") { prefix name target { __typename } }
    short: ref(qualifiedName: "main") { prefix name target { oid } }
    none: ref(qualifiedName: "refs/auto-retrain/k/2") { name }`)
  expect(repository).toEqual({
    databaseId: 4711,
    nameWithOwner: 'acme/retrain',
    full: { prefix: 'refs/auto-retrain/', name: 'k/1', target: { __typename: 'Tag' } },
    short: { prefix: 'refs/heads/', name: 'main', target: { oid: headSha } },
    none: null,
  })
})

test('What GraphQL reads lags by itself: refs and tag objects.', async () => {
  github.lag({ graphql: 3000 })
  const sha = await createRef('k/1', 'hello')
  const query = `ref(qualifiedName: "refs/auto-retrain/k/1") { name } object(oid: "${sha}") { oid }`
  expect((await ask(query)).repository).toEqual({ ref: null, object: null })
  now += 3000
  expect((await ask(query)).repository).toEqual({ ref: { name: 'k/1' }, object: { oid: sha } })
})

describe('GraphQL refuses', () => {
  test.each([
    ['an unknown field', 'branches { name }', "Field 'branches' doesn't exist on type 'Repository'"],
    ['an unknown argument', 'ref(name: "x", qualifiedName: "y") { name }', "doesn't accept argument 'name'"],
    ['a missing argument', 'refs(first: 1) { totalCount }', 'missing required arguments: refPrefix'],
    [
      'an argument of the wrong type',
      'refs(refPrefix: "refs/", first: "1") { totalCount }',
      "Expected type 'Int'",
    ],
    [
      'an unknown order',
      'refs(refPrefix: "refs/", orderBy: { field: NAME, direction: ASC }) { totalCount }',
      'NAME',
    ],
    [
      'an order without a direction',
      'refs(refPrefix: "refs/", orderBy: { field: ALPHABETICAL }) { totalCount }',
      'direction',
    ],
    ['an object without a selection', 'ref(qualifiedName: "main") { target }', 'Field must have selections'],
    [
      'a selection on a scalar',
      'ref(qualifiedName: "main") { name { x } }',
      "Selections can't be made on scalars",
    ],
    [
      'a message of any object',
      `object(oid: "${headSha}") { message }`,
      "Field 'message' doesn't exist on type 'GitObject'",
    ],
    [
      'a fragment that cannot be',
      'ref(qualifiedName: "main") { ... on Tag { message } }',
      "can't be spread inside Ref",
    ],
    [
      'a short object id',
      'object(oid: "1111111") { oid }',
      'Could not coerce value "1111111" to GitObjectID',
    ],
    [
      'one name for two fields',
      `a: object(oid: "${headSha}") { oid } a: ref(qualifiedName: "main") { name }`,
      'conflict',
    ],
    ['a broken query', 'ref(qualifiedName: "main" { name }', 'Parse error'],
  ])('%s, without any data.', async (_, selection, message) => {
    const answer = await ask(selection)
    expect(answer.errors).toMatchObject([{ message: expect.stringContaining(message) }])
    expect(answer).not.toHaveProperty('data')
  })

  test.each([
    ['without a value', 'query($o: String!)', {}],
    ['of another type', 'query($o: Int!)', { o: 1 }],
    ['that may be missing', 'query($o: String)', { o: 'acme' }],
    ['that is not declared', 'query', { o: 'acme' }],
    ['that is not used', 'query($o: String!, $p: String)', { o: 'acme' }],
  ])('a variable %s.', async (_, head, variables) => {
    const query = `${head} { repository(owner: $o, name: "retrain") { id } }`
    const { json } = await send('/graphql', { query, variables })
    expect(json).toEqual({
      errors: [expect.objectContaining({ message: expect.stringMatching(/variable/i) })],
    })
  })

  test('a repository that the token cannot see, or whose contents it cannot read.', async () => {
    const query =
      '{ a: repository(owner: "acme", name: "hidden") { id } b: repository(owner: "acme", name: "retrain") { id } }'
    expect(await send('/graphql', { query })).toMatchObject({
      json: {
        data: { a: null, b: { id: expect.any(String) } },
        errors: [{ type: 'NOT_FOUND', path: ['a'], message: expect.stringContaining("'acme/hidden'") }],
      },
    })
    expect((await ask('id', 'ghs_blind')).errors).toMatchObject([{ type: 'FORBIDDEN' }])
  })
})
