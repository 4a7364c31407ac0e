import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../hub/git/git-objects.ts'
import type { SandboxHub } from '../../hub/start.ts'
import { startHub } from '../../hub/start.ts'

// What huggingface_hub 2.0.0 reads of each answer, stated here without it. Durations of Jobs, and the permission
// that does not exist, are in hub-jobs-faults.test.ts.

const weights = Uint8Array.from([0, 1, 2, 3])
let hub: SandboxHub

beforeEach(async () => {
  hub = await startHub({ retryDelaysMs: [] })
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.createModel({ name: 'ann/model', files: { 'model.safetensors': weights, 'notes.txt': 'hello' } })
})
afterEach(() => hub.close())

const api = '/api/models/ann/model'

async function call(path: string, options: { body?: unknown; method?: string; type?: string } = {}) {
  const { body, method = body === undefined ? 'GET' : 'POST', type = 'application/json' } = options
  const response = await fetch(hub.url + path, {
    method,
    redirect: 'manual',
    headers: { authorization: 'Bearer hf_ann', 'content-type': type },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    answer: isJson && text ? JSON.parse(text) : text,
  }
}

const commit = (...lines: object[]) =>
  call(`${api}/commit/main`, {
    type: 'application/x-ndjson',
    body: [{ key: 'header', value: { summary: 'Commit' } }, ...lines]
      .map((line) => JSON.stringify(line))
      .join('\n'),
  })

const entry = async (path: string, query = '') => {
  const { answer } = await call(`${api}/tree/main${query}`)
  return answer.find((each: { path: string }) => each.path === path)
}

describe('A commit', () => {
  const copy = { path: 'copy.safetensors', algo: 'sha256', oid: sha256(weights) }

  test('An LFS file that was copied on the server is named by its sha256 alone.', async () => {
    expect(await commit({ key: 'lfsFile', value: copy })).toMatchObject({ status: 200 })
    expect(await entry('copy.safetensors')).toMatchObject({ size: 4, lfs: { oid: copy.oid, size: 4 } })
  })

  test.each([
    ['a size that is wrong', { ...copy, size: 5 }],
    ['a content that is not there', { ...copy, oid: 'a'.repeat(64) }],
  ])('An LFS file with %s is refused.', async (_, value) => {
    const { status, answer } = await commit({ key: 'lfsFile', value })
    expect([status, answer.error]).toEqual([400, expect.stringContaining('does not exist')])
  })

  test.each(['deletedFile', 'deletedFolder'])(
    '%s of a path that is not there is EntryNotFound.',
    async (key) => {
      const { status, headers } = await commit({ key, value: { path: 'none' } })
      expect([status, headers.get('x-error-code')]).toEqual([404, 'EntryNotFound'])
      expect(headers.get('x-error-message')).toContain("A file with this name doesn't exist")
    },
  )
})

describe('The details of a pull request', () => {
  const details = async (num: number) => (await call(`${api}/discussions/${num}`)).answer

  test('They name the branch it is for, and no conflicts while there are none.', async () => {
    const { discussion } = openRequest('one')
    expect(await details(discussion.num)).toMatchObject({
      changes: { base: 'refs/heads/main' },
      filesWithConflicts: [],
    })
  })

  test('They name the files that main has changed otherwise.', async () => {
    const { discussion } = openRequest('theirs')
    hub.commit('ann/model', { type: 'model', files: { 'notes.txt': 'ours', 'other.txt': 'x' } })
    expect(await details(discussion.num)).toMatchObject({ filesWithConflicts: ['notes.txt'] })
  })

  test('A plain discussion has neither.', async () => {
    const made = await call(`${api}/discussions`, { body: { title: 'A question', description: 'x' } })
    expect(Object.keys(await details(made.answer.num))).not.toContain('filesWithConflicts')
  })

  function openRequest(text: string) {
    return hub.openPullRequest('ann/model', { type: 'model', files: { 'notes.txt': text } })
  }
})

describe('The listing of files', () => {
  test('With expand a file carries the results of both scans.', async () => {
    expect((await entry('model.safetensors', '?expand=true')).securityFileStatus).toMatchObject({
      status: expect.any(String),
      avScan: { status: expect.any(String) },
      pickleImportScan: { status: expect.any(String) },
    })
  })

  test.each(['true', 'True', '1'])(
    'A listing asked for with %s goes below folders and names the last commits.',
    async (yes) => {
      hub.commit('ann/model', { type: 'model', files: { 'data/train.csv': 'a' } })
      expect(await entry('data/train.csv', `?recursive=${yes}&expand=${yes}`)).toMatchObject({
        lastCommit: { title: 'Update files' },
      })
      const body = { paths: ['data/train.csv'], expand: yes }
      expect((await call(`${api}/paths-info/main`, { body })).answer).toMatchObject([{ lastCommit: {} }])
    },
  )

  test.each(['false', 'False', '0'])('A listing asked for with %s does neither.', async (no) => {
    hub.commit('ann/model', { type: 'model', files: { 'data/train.csv': 'a' } })
    expect(await entry('data/train.csv', `?recursive=${no}`)).toBeUndefined()
    expect(await entry('data', `?expand=${no}`)).not.toHaveProperty('lastCommit')
  })

  test('LFS files have a xetHash, the same for the same bytes and in paths-info; others have none.', async () => {
    const { xetHash } = await entry('model.safetensors')
    expect(xetHash).toMatch(/^[0-9a-f]{64}$/)
    expect(await entry('notes.txt')).not.toHaveProperty('xetHash')
    hub.commit('ann/model', { type: 'model', files: { 'again.safetensors': weights } })
    const body = { paths: ['again.safetensors'] }
    expect((await call(`${api}/paths-info/main`, { body })).answer).toMatchObject([{ xetHash }])
  })

  test('What an old client pushed has none.', async () => {
    const files = { 'old.bin': Uint8Array.from([0, 9]) }
    hub.commit('ann/model', { type: 'model', files, withoutXet: true })
    expect(await entry('old.bin')).toMatchObject({ lfs: { size: 2 } })
    expect(await entry('old.bin')).not.toHaveProperty('xetHash')
  })
})

describe('A copy on the server', () => {
  const duplicate = (name: string, file: object) =>
    call(`${api}/lfs-files/duplicate`, { body: { target: { type: 'model', name }, files: [file] } })

  test('It makes the bytes known to another repository, where a commit can name them.', async () => {
    hub.createModel({ name: 'ann/published' })
    const { xetHash, lfs } = await entry('model.safetensors')
    const value = { path: 'model.safetensors', algo: 'sha256', oid: lfs.oid }
    const publish = () =>
      call('/api/models/ann/published/commit/main', {
        type: 'application/x-ndjson',
        body: [
          { key: 'header', value: { summary: 'Publish' } },
          { key: 'lfsFile', value },
        ]
          .map((line) => JSON.stringify(line))
          .join('\n'),
      })
    expect(await publish()).toMatchObject({ status: 400 })
    const copied = await duplicate('ann/published', {
      xetHash,
      sha256: lfs.oid,
      filename: 'model.safetensors',
    })
    expect(copied).toMatchObject({
      status: 200,
      answer: { success: true, processed: 1, succeeded: 1, failed: [] },
    })
    expect(await publish()).toMatchObject({ status: 200 })
  })

  test('A file without a Xet hash fails inside an answer that is a success.', async () => {
    hub.createModel({ name: 'ann/published' })
    hub.commit('ann/model', {
      type: 'model',
      files: { 'old.bin': Uint8Array.from([0, 9]) },
      withoutXet: true,
    })
    const { lfs } = await entry('old.bin')
    const file = { xetHash: 'a'.repeat(64), sha256: lfs.oid }
    expect(await duplicate('ann/published', file)).toMatchObject({
      status: 207,
      answer: { success: false, succeeded: 0, failed: [{ sha256: lfs.oid, error: expect.any(String) }] },
    })
  })

  test('Nothing is copied into another storage region.', async () => {
    hub.createModel({ name: 'ann/published', region: 'eu' })
    const { xetHash, lfs } = await entry('model.safetensors')
    expect(await duplicate('ann/published', { xetHash, sha256: lfs.oid })).toMatchObject({
      status: 400,
      answer: { error: expect.stringContaining('region') },
    })
    expect(hub.repository('ann/published', 'model').lfs.size).toBe(0)
  })

  test('A content that a test makes uncopyable is named in a 207, and the others are copied.', async () => {
    hub.createModel({ name: 'ann/published' })
    hub.commit('ann/model', { type: 'model', files: { 'b.safetensors': Uint8Array.from([0, 7]) } })
    const files = await Promise.all(['model.safetensors', 'b.safetensors'].map((path) => entry(path)))
    const [first, second] = files.map(({ xetHash, lfs }) => ({ xetHash, sha256: lfs.oid }))
    hub.repository('ann/model', 'model').uncopyable.add(first?.sha256 ?? '')
    const target = { type: 'model', name: 'ann/published' }
    expect(
      await call(`${api}/lfs-files/duplicate`, { body: { target, files: [first, second] } }),
    ).toMatchObject({
      status: 207,
      answer: { success: false, processed: 2, succeeded: 1, failed: [{ sha256: first?.sha256 }] },
    })
    expect([...hub.repository('ann/published', 'model').lfs.keys()]).toEqual([second?.sha256])
  })

  test.each([
    ['no file', { files: [] }],
    ['more than 1000 files', { files: Array.from({ length: 1001 }, () => ({})) }],
    ['a hash that is none', { files: [{ xetHash: 'x', sha256: 'a'.repeat(64) }] }],
    [
      'a long name',
      { files: [{ xetHash: 'a'.repeat(64), sha256: 'a'.repeat(64), filename: 'a'.repeat(1001) }] },
    ],
    ['no target', { target: undefined }],
  ])('A request with %s is refused.', async (_, change) => {
    hub.createModel({ name: 'ann/published' })
    const target = { type: 'model', name: 'ann/published' }
    const files = [{ xetHash: 'a'.repeat(64), sha256: 'a'.repeat(64) }]
    expect(await call(`${api}/lfs-files/duplicate`, { body: { target, files, ...change } })).toMatchObject({
      status: 400,
    })
  })

  test('The token must be able to write to the target.', async () => {
    hub.addUser({ name: 'eve', token: 'hf_eve' })
    hub.createModel({ name: 'eve/model' })
    const { xetHash, lfs } = await entry('model.safetensors')
    expect(await duplicate('eve/model', { xetHash, sha256: lfs.oid })).toMatchObject({ status: 403 })
    expect(await duplicate('eve/none', { xetHash, sha256: lfs.oid })).toMatchObject({ status: 404 })
  })
})

test('The check of rights on a repository answers for reading and writing apart, and needs the repository.', async () => {
  hub.addUser({ name: 'eve', token: 'hf_eve' })
  hub.createModel({ name: 'eve/model' })
  const check = async (name: string) =>
    Promise.all(
      ['', '/write'].map(async (end) => (await call(`/api/models/${name}/auth-check${end}`)).status),
    )
  expect(await check('ann/model')).toEqual([200, 200])
  expect(await check('eve/model')).toEqual([200, 403])
  expect(await check('eve/none')).toEqual([404, 404])
})

test('The client learns no names of programs that it may run in.', async () => {
  expect(await call('/api/agent-harnesses')).toMatchObject({
    status: 200,
    answer: { standardEnvVars: [], harnesses: {} },
  })
})

describe('An error made by a fault', () => {
  const strike = async (fault: object) => {
    hub.fault({ path: /whoami/, status: 403, ...fault })
    return (await call('/api/whoami-v2')).headers.get('x-error-message')
  }

  test('It says its sentence in the header too, where the client reads it.', async () => {
    expect(await strike({ body: { error: 'No.' } })).toBe('No.')
    expect(await strike({ status: 500 })).toBe('Internal Error')
    expect(await strike({ body: { error: 'No.' }, headers: { 'x-error-message': 'Other' } })).toBe('Other')
  })

  test('The page of a proxy has no such header.', async () => {
    expect(await strike({ status: 502, body: '<h1>Bad Gateway</h1>' })).toBeNull()
  })
})

describe('A download', () => {
  test('HEAD carries the size of a regular file.', async () => {
    const { status, headers } = await call('/ann/model/resolve/main/notes.txt', { method: 'HEAD' })
    const copy = headers.get('location') ?? ''
    expect([status, copy]).toEqual([
      307,
      expect.stringMatching(/^\/api\/resolve-cache\/models\/ann\/model\//),
    ])
    const stored = await call(copy, { method: 'HEAD' })
    expect([stored.status, stored.headers.get('content-length')]).toEqual([200, '5'])
  })

  test('An LFS file lies under another host name, so that no client sends its token there.', async () => {
    const { status, headers } = await call('/ann/model/resolve/main/model.safetensors', { method: 'HEAD' })
    const location = headers.get('location') ?? ''
    expect([status, headers.get('x-linked-size')]).toEqual([302, '4'])
    expect(new URL(location).hostname).not.toBe(new URL(hub.url).hostname)
    const stored = await fetch(location, { method: 'HEAD' })
    expect(stored.headers.get('content-length')).toBe('4')
    expect(new Uint8Array(await (await fetch(location)).arrayBuffer())).toEqual(weights)
  })
})
