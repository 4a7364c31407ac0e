import {
  commit,
  createBranch,
  createRepo,
  datasetInfo,
  deleteBranch,
  deleteFiles,
  deleteRepo,
  downloadFile,
  fileDownloadInfo,
  fileExists,
  listCommits,
  listFiles,
  modelInfo,
  pathsInfo,
  repoExists,
  uploadFiles,
  whoAmI,
} from '@huggingface/hub'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { SandboxHub } from '../../hub/start.ts'
import { startHub } from '../../hub/start.ts'

let hub: SandboxHub
const accessToken = 'hf_ann'
const repo = { type: 'dataset', name: 'ann/digits' } as const

beforeEach(async () => {
  hub = await startHub()
  hub.addUser({ name: 'ann', token: accessToken, orgs: ['lab'] })
})
afterEach(() => hub.close())

const client = () => ({ accessToken, hubUrl: hub.url })

const randomBytes = (size: number, seed: number) =>
  Uint8Array.from({ length: size }, (_, index) => (index * 31 + seed * 17 + (index >> 8) + seed) % 256)

async function bytesOf(path: string, revision?: string): Promise<Uint8Array | null> {
  const blob = await downloadFile({ ...client(), repo, path, ...(revision && { revision }) })
  return blob === null ? null : new Uint8Array(await blob.arrayBuffer())
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function pathsOf(options: { revision?: string; path?: string } = {}): Promise<string[]> {
  const paths: string[] = []
  for await (const { path, type } of listFiles({ ...client(), repo, recursive: true, ...options })) {
    if (type === 'file') paths.push(path)
  }
  return paths
}

test('The official client uploads several hundred regular and LFS files and reads them back byte for byte.', async () => {
  hub.createDataset({ name: repo.name })
  const files = Array.from({ length: 400 }, (_, index) =>
    index % 4 === 0
      ? { path: `notes/${index}.txt`, bytes: new TextEncoder().encode(`note ${index} äöü\n`) }
      : { path: `train/${index % 10}/${index}.png`, bytes: randomBytes(300 + index, index) },
  )
  const result = await uploadFiles({
    ...client(),
    repo,
    files: files.map(({ path, bytes }) => ({ path, content: new Blob([bytes]) })),
    commitTitle: 'Add digits',
  })

  const head = hub.repository(repo.name).refs.get('refs/heads/main')
  expect(result?.commit.oid).toBe(head)
  expect((await pathsOf()).toSorted()).toEqual(
    ['.gitattributes', ...files.map(({ path }) => path)].toSorted(),
  )
  for (const { path, bytes } of files) expect(await bytesOf(path)).toEqual(bytes)
  const uploads = hub.storage.requests.filter(({ method }) => method === 'PUT')
  expect(uploads).toHaveLength(300)
  expect(uploads.some(({ headers }) => 'authorization' in headers)).toBe(false)
})

test("The tree shows the pointer id, size and sha256 of an LFS file, and git's own id of a regular one.", async () => {
  hub.createDataset({ name: repo.name, files: { 'a.txt': 'hello\n', 'b.png': randomBytes(1000, 1) } })
  const entries = await collect(listFiles({ ...client(), repo }))
  expect(entries).toEqual([
    expect.objectContaining({ path: '.gitattributes', type: 'file' }),
    { path: 'a.txt', type: 'file', oid: 'ce013625030ba8dba906f756967f9e9ca394464a', size: 6 },
    {
      path: 'b.png',
      type: 'file',
      oid: expect.stringMatching(/^[0-9a-f]{40}$/),
      size: 1000,
      lfs: { oid: expect.stringMatching(/^[0-9a-f]{64}$/), size: 1000, pointerSize: 129 },
      xetHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  ])
})

test('A listing of 3,000 files comes in pages of 1,000 that lose and repeat none.', async () => {
  const names = Array.from({ length: 3000 }, (_, index) => `data/${index % 7}/${index}.txt`)
  hub.createDataset({
    name: repo.name,
    files: Object.fromEntries(names.map((name) => [name, `content of ${name}`])),
  })
  const entries = await collect(listFiles({ ...client(), repo, recursive: true }))
  expect(hub.requests).toHaveLength(4)
  expect(entries.filter(({ type }) => type === 'directory').map(({ path }) => path)).toEqual([
    'data',
    ...Array.from({ length: 7 }, (_, index) => `data/${index}`),
  ])
  const found = entries.filter(({ type }) => type === 'file').map(({ path }) => path)
  expect(new Set(found)).toEqual(new Set(['.gitattributes', ...names]))
  expect(found).toHaveLength(3001)

  const sizes = async (query: string) => {
    const page = await fetch(`${hub.url}/api/datasets/${repo.name}/tree/main/data?recursive=true&${query}`)
    const entries: { path: string }[] = await page.json()
    return [entries.length, entries.at(-1)?.path, page.headers.get('link')?.includes('rel="next"') ?? false]
  }
  expect((await sizes('limit=5000'))[0]).toBe(1000)
  expect((await sizes('expand=true'))[0]).toBe(100)
  expect(await sizes('limit=1')).toEqual([1, 'data/0', true])
  expect((await fetch(`${hub.url}/api/datasets/${repo.name}/tree/main?cursor=x`)).status).toBe(400)

  const below = await pathsOf({ path: 'data/3' })
  expect(below).toHaveLength(429)
  expect(below.every((path) => path.startsWith('data/3/'))).toBe(true)
})

test('An old revision keeps its files after they were changed and deleted.', async () => {
  hub.createDataset({ name: repo.name, files: { 'a.txt': 'one', 'b.txt': 'b', 'x.png': randomBytes(99, 1) } })
  const before = hub.repository(repo.name).refs.get('refs/heads/main') ?? ''
  await commit({
    ...client(),
    repo,
    title: 'Change',
    operations: [
      { operation: 'addOrUpdate', path: 'a.txt', content: new Blob(['two']) },
      { operation: 'delete', path: 'b.txt' },
      { operation: 'delete', path: 'x.png' },
    ],
  })
  expect(await bytesOf('a.txt')).toEqual(new TextEncoder().encode('two'))
  expect(await bytesOf('a.txt', before)).toEqual(new TextEncoder().encode('one'))
  expect(await bytesOf('x.png')).toBeNull()
  expect(await bytesOf('x.png', before)).toEqual(randomBytes(99, 1))
  expect(await pathsOf()).toEqual(['.gitattributes', 'a.txt'])
  expect(await fileExists({ ...client(), repo, path: 'b.txt' })).toBe(false)
  expect(await fileExists({ ...client(), repo, path: 'b.txt', revision: before })).toBe(true)
})

test('A commit whose parentCommit is no longer the head is refused with 412.', async () => {
  hub.createDataset({ name: repo.name, files: { 'a.txt': '1' } })
  const parentCommit = hub.repository(repo.name).refs.get('refs/heads/main') ?? ''
  const change = { ...client(), repo, title: 'Change', parentCommit }
  await commit({
    ...change,
    operations: [{ operation: 'addOrUpdate', path: 'a.txt', content: new Blob(['2']) }],
  })
  await expect(
    commit({
      ...change,
      operations: [{ operation: 'addOrUpdate', path: 'a.txt', content: new Blob(['3']) }],
    }),
  ).rejects.toMatchObject({ statusCode: 412 })
})

test('A pull request of the client gets its own ref and does not move main.', async () => {
  hub.createDataset({ name: repo.name, files: { 'a.txt': '1' } })
  const main = hub.repository(repo.name).refs.get('refs/heads/main')
  const opened = await uploadFiles({
    ...client(),
    repo,
    files: [
      { path: 'a.txt', content: new Blob(['2']) },
      { path: 'b.png', content: new Blob([randomBytes(50, 2)]) },
    ],
    isPullRequest: true,
  })
  expect(opened?.pullRequestUrl).toBe(`${hub.url}/datasets/ann/digits/discussions/1`)
  expect(hub.repository(repo.name).refs.get('refs/heads/main')).toBe(main)
  expect(await bytesOf('a.txt', 'refs/pr/1')).toEqual(new TextEncoder().encode('2'))

  hub.mergePullRequest(repo.name, 1)
  expect(await bytesOf('b.png')).toEqual(randomBytes(50, 2))
  expect(hub.discussions(repo.name)).toMatchObject([{ status: 'merged', isPullRequest: true }])
})

test('Commits are listed newest first, over several pages.', async () => {
  hub.createDataset({ name: repo.name })
  for (let index = 0; index < 25; index += 1) {
    hub.commit(repo.name, { files: { 'a.txt': String(index) }, title: `Commit ${index}` })
  }
  const commits = await collect(listCommits({ ...client(), repo, batchSize: 10 }))
  expect(commits.map(({ title }) => title)).toEqual([
    ...Array.from({ length: 25 }, (_, index) => `Commit ${24 - index}`),
    'initial commit',
  ])
  expect(commits[0]?.authors).toMatchObject([{ username: 'ann' }])
  expect(hub.requests).toHaveLength(3)
})

test('Dataset and model info have the sha, the visibility and the fields that are asked for.', async () => {
  const readme = '\n---\ntags:\n- autotrain\nbase_model: microsoft/resnet-50\n---\n# A model\n'
  hub.createDataset({ name: repo.name, private: true })
  hub.createModel({ name: 'lab/net', files: { 'README.md': readme } })
  const first = hub.repository(repo.name).refs.get('refs/heads/main') ?? ''
  const second = hub.commit(repo.name, { files: { 'a.txt': '1' } }).sha

  const dataset = { ...client(), name: repo.name, additionalFields: ['sha' as const, 'author' as const] }
  expect(await datasetInfo(dataset)).toMatchObject({
    name: repo.name,
    private: true,
    sha: second,
    author: 'ann',
  })
  expect(await datasetInfo({ ...dataset, revision: first })).toMatchObject({ sha: first })
  const model = await modelInfo({
    ...client(),
    name: 'lab/net',
    additionalFields: ['tags', 'cardData', 'filePaths'],
  })
  expect(model).toMatchObject({
    name: 'lab/net',
    private: false,
    tags: ['autotrain'],
    cardData: { base_model: 'microsoft/resnet-50' },
    filePaths: ['.gitattributes', 'README.md'],
  })
})

test("The client's whoAmI returns the user, the organisations and the role of the token.", async () => {
  hub.addToken({
    token: 'hf_fine',
    user: 'ann',
    role: 'fineGrained',
    permissions: {
      global: ['discussion.write'],
      scoped: [{ entity: { type: 'dataset', name: repo.name }, permissions: ['repo.content.read'] }],
    },
  })
  expect(await whoAmI(client())).toMatchObject({
    type: 'user',
    name: 'ann',
    orgs: [{ name: 'lab', roleInOrg: 'write' }],
    auth: { type: 'access_token', accessToken: { role: 'write' } },
  })
  expect(await whoAmI({ ...client(), accessToken: 'hf_fine' })).toMatchObject({
    auth: {
      accessToken: {
        role: 'fineGrained',
        fineGrained: {
          global: ['discussion.write'],
          scoped: [{ entity: { type: 'dataset', name: repo.name }, permissions: ['repo.content.read'] }],
        },
      },
    },
  })
})

test('A model repository is created once: the second createRepo is refused with 409.', async () => {
  const model = 'lab/net-1'
  const files = [{ path: 'config.json', content: new Blob(['{"a":1}']) }]
  const made = await createRepo({ ...client(), repo: model, private: true, files })
  expect(made.repoUrl).toBe(`${hub.url}/lab/net-1`)
  await expect(createRepo({ ...client(), repo: model })).rejects.toMatchObject({
    statusCode: 409,
    data: { url: `${hub.url}/lab/net-1` },
  })
  const weights = randomBytes(5000, 3)
  await uploadFiles({
    ...client(),
    repo: model,
    files: [
      { path: 'model.safetensors', content: new Blob([weights]) },
      { path: 'README.md', content: new Blob(['# Net\n']) },
    ],
  })
  const blob = await downloadFile({ ...client(), repo: model, path: 'model.safetensors' })
  expect(new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(weights)
  expect(hub.repository(model, 'model').private).toBe(true)

  await deleteRepo({ ...client(), repo: model })
  expect(await repoExists({ ...client(), repo: model })).toBe(false)
})

test('The client creates and deletes branches.', async () => {
  hub.createDataset({ name: repo.name, files: { 'a.txt': '1' } })
  await createBranch({ ...client(), repo, branch: 'next' })
  await expect(createBranch({ ...client(), repo, branch: 'next' })).rejects.toMatchObject({ statusCode: 409 })
  await uploadFiles({
    ...client(),
    repo,
    branch: 'next',
    files: [{ path: 'a.txt', content: new Blob(['2']) }],
  })
  expect(await bytesOf('a.txt')).toEqual(new TextEncoder().encode('1'))
  expect(await bytesOf('a.txt', 'next')).toEqual(new TextEncoder().encode('2'))
  await deleteBranch({ ...client(), repo, branch: 'next' })
  await expect(bytesOf('a.txt', 'next')).rejects.toMatchObject({ statusCode: 404 })
})

test('Download info and paths-info agree on size and id, and leave out missing files.', async () => {
  hub.createDataset({ name: repo.name, files: { 'dir/b.png': randomBytes(777, 1) } })
  const info = await fileDownloadInfo({ ...client(), repo, path: 'dir/b.png' })
  const paths = ['dir/b.png', 'dir', 'missing.txt']
  const [file, directory, ...rest] = await pathsInfo({ ...client(), repo, paths, expand: true })
  expect(rest).toEqual([])
  expect(directory).toMatchObject({ path: 'dir', type: 'directory' })
  expect(file).toMatchObject({ path: 'dir/b.png', size: 777, lastCommit: { title: 'Add files' } })
  expect(info).toMatchObject({ size: 777, etag: `"${file?.lfs?.oid}"` })
  expect(await fileDownloadInfo({ ...client(), repo, path: 'missing.txt' })).toBeNull()
})

test('Names that need encoding survive the round trip.', async () => {
  hub.createDataset({ name: repo.name })
  const path = 'train/né#1/100%25 a+b?.txt'
  await uploadFiles({ ...client(), repo, files: [{ path, content: new Blob(['odd']) }] })
  expect(await pathsOf()).toEqual(['.gitattributes', path])
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  expect(await bytesOf(encoded)).toEqual(new TextEncoder().encode('odd'))
})

test('Files that git must not hold go to LFS whatever their name, and .gitattributes lists them.', async () => {
  hub.createDataset({ name: repo.name })
  await uploadFiles({
    ...client(),
    repo,
    files: [{ path: 'blob.unknown', content: new Blob([randomBytes(600, 0)]) }],
  })
  const [entry] = await pathsInfo({ ...client(), repo, paths: ['blob.unknown'] })
  expect(entry?.lfs?.size).toBe(600)
  const attributes = await downloadFile({ ...client(), repo, path: '.gitattributes' })
  expect(await attributes?.text()).toContain('\nblob.unknown filter=lfs diff=lfs merge=lfs -text\n')
  await deleteFiles({ ...client(), repo, paths: ['blob.unknown'] })
  expect(await pathsOf()).toEqual(['.gitattributes'])
})
