import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { findModel } from '../../../../src/hub/models/models.ts'
import { copyOnHub } from '../../../../src/hub/models/publish/server-copy.ts'
import { listModelVersion } from '../../../../src/hub/models/publish/version.ts'
import { checkModelWrite } from '../../../../src/hub/models/publish/write-access.ts'
import { blobOid, sha256 } from '../../../sandbox/hub/git/git-objects.ts'
import { type SandboxHub, startHub } from '../../../sandbox/hub/start.ts'
import { connect } from '../../connect.ts'

const model = 'acme/run'
let sandbox: SandboxHub

beforeEach(async () => {
  sandbox = await startHub({ retryDelaysMs: [] })
  sandbox.addUser({ name: 'ann', token: 'hf_ann_writes', orgs: ['acme'] })
  sandbox.createModel({ name: model, private: true })
})
afterEach(() => sandbox.close())

const hub = (token = 'hf_ann_writes') => connect(sandbox.url, token).hub
const head = () => sandbox.repository(model, 'model').refs.get('refs/heads/main') ?? ''
const commit = (files: Record<string, string | Uint8Array>, withoutXet = false) =>
  sandbox.commit(model, { type: 'model', files, withoutXet })
const bytes = (...values: number[]) => Uint8Array.from([0, ...values])

describe('The files of a model at a commit', () => {
  const list = (revision = head()) => listModelVersion(hub(), { model, revision })

  test('Each has the id of its content, its size, and the hash of Xet where it has one.', async () => {
    commit({ 'config.json': '{}\n', 'onnx/model.onnx': bytes(1, 2) })
    commit({ 'old.bin': bytes(3) }, true)
    const xetHash = expect.stringMatching(/^[0-9a-f]{64}$/)
    expect(await list()).toEqual([
      expect.objectContaining({ path: '.gitattributes', isLfs: false, xetHash: null }),
      { path: 'config.json', content: blobOid(Buffer.from('{}\n')), bytes: 3, isLfs: false, xetHash: null },
      { path: 'old.bin', content: sha256(bytes(3)), bytes: 2, isLfs: true, xetHash: null },
      { path: 'onnx/model.onnx', content: sha256(bytes(1, 2)), bytes: 3, isLfs: true, xetHash },
    ])
  })

  test('A long list is complete.', async () => {
    commit(Object.fromEntries(Array.from({ length: 2500 }, (_, index) => [`parts/${index}.txt`, 'x'])))
    expect(await list()).toHaveLength(2501)
  })

  test.each([
    ['a page that fails', { status: 500 }],
    ['a page that is no list', { status: 200, body: { error: 'busy' } }],
    ['an entry of an unknown form', { status: 200, body: [{ type: 'file', path: 'a' }] }],
    [
      'an entry of an unknown type',
      { status: 200, body: [{ type: 'unknown', path: 'a', oid: 'a'.repeat(40) }] },
    ],
    ['a path that climbs', { status: 200, body: [{ type: 'file', path: '../a', oid: 'a'.repeat(40) }] }],
    ['a next page of an unknown form', { status: 200, body: [], headers: { link: 'next, somewhere' } }],
  ])('With %s there is no list.', async (_, fault) => {
    sandbox.fault({ path: /tree/, times: 9, ...fault })
    await expect(list()).rejects.toThrow()
  })
})

describe('A copy on the server', () => {
  const to = 'acme/stable'
  const known = () => [...sandbox.repository(to, 'model').lfs.keys()]
  const calls = () => sandbox.requests.filter(({ path }) => path.endsWith('/lfs-files/duplicate'))

  beforeEach(() => {
    sandbox.createModel({ name: to, private: true })
  })

  const copy = async (token?: string) => {
    const files = await listModelVersion(hub(), { model, revision: head() })
    const copied = files.flatMap(({ path, content, isLfs, xetHash }) =>
      isLfs ? [{ path, content, xetHash: xetHash ?? 'a'.repeat(64) }] : [],
    )
    return await copyOnHub(hub(token), { from: model, to, files: copied })
  }

  test('It makes every content known to the other model, each sent once, 500 a request.', async () => {
    const files = Array.from({ length: 1001 }, (_, index): [string, Uint8Array] => [
      `${index}.bin`,
      bytes(index >> 8, index & 255),
    ])
    commit({ ...Object.fromEntries(files), 'again.bin': bytes(0, 0) })
    expect(await copy()).toEqual([])
    expect(new Set(known())).toEqual(new Set(files.map(([, content]) => sha256(content))))
    const sizes = calls().map(({ body }) => JSON.parse(body ?? '{}').files.length)
    expect(sizes).toEqual([500, 500, 1])
  })

  test('What failed inside an answer that is a success comes back with its reason.', async () => {
    commit({ 'a.bin': bytes(1) })
    commit({ 'old.bin': bytes(2) }, true)
    const content = sha256(bytes(2))
    expect(await copy()).toEqual([{ content, why: 'File not found in the source repository' }])
    expect(known()).toEqual([sha256(bytes(1))])
  })

  test.each([
    ['a refusal of the whole request', { status: 400, body: { error: 'Another region' } }, /Another region/],
    ['a request that is too large', { status: 413 }, /answered 413/],
    ['an answer of an unknown form', { status: 200, body: {} }, /unknown form/],
    [
      'no success and no name',
      { status: 207, body: { success: false, failed: [] } },
      /does not say which files/,
    ],
    [
      'a name that was not asked for',
      { status: 207, body: { success: false, failed: [{ sha256: 'b'.repeat(64), error: 'x' }] } },
      /does not say which files/,
    ],
  ])('%s counts for every file.', async (_, fault, why) => {
    commit({ 'a.bin': bytes(1), 'b.bin': bytes(2) })
    sandbox.fault({ path: /duplicate/, ...fault })
    const failed = await copy()
    expect(failed.map(({ content }) => content).toSorted()).toEqual(
      [sha256(bytes(1)), sha256(bytes(2))].toSorted(),
    )
    for (const each of failed) expect(each.why).toMatch(why)
  })

  test.each([{ reset: true, applied: true }, { reset: true }, { status: 503 }])(
    'A request without an answer (%j) is repeated.',
    async (fault) => {
      commit({ 'a.bin': bytes(1) })
      sandbox.fault({ path: /duplicate/, ...fault })
      expect(await copy()).toEqual([])
      expect(calls()).toHaveLength(2)
    },
  )

  test.each([500, 502, 503, 504, 408])(
    'A Hub that fails (%d) is an error, not a reason to move bytes.',
    async (status) => {
      commit({ 'a.bin': bytes(1) })
      sandbox.fault({ path: /duplicate/, status, times: Number.POSITIVE_INFINITY })
      await expect(copy()).rejects.toMatchObject({ status })
    },
  )

  test('A token that is not known is an error, not a reason to move bytes.', async () => {
    commit({ 'a.bin': bytes(1) })
    await expect(copy('hf_unknown_token')).rejects.toMatchObject({ status: 401 })
  })
})

test('The write access of a token is asked of the Hub.', async () => {
  sandbox.addToken({ token: 'hf_ann_reads', user: 'ann', role: 'read' })
  sandbox.addUser({ name: 'eve', token: 'hf_eve_reads' })
  const check = (token: string) => checkModelWrite(hub(token), { model })
  expect(await check('hf_ann_writes')).toBe('yes')
  expect(await check('hf_ann_reads')).toBe('no')
  expect(await check('hf_eve_reads')).toBe('hidden')
  await expect(check('hf_unknown_token')).rejects.toMatchObject({ status: 401 })
})

test('A renamed model is found with the name it has today.', async () => {
  expect(await findModel(hub(), { model })).toMatchObject({ name: model })
  sandbox.rename(model, 'acme/other', 'model')
  expect(await findModel(hub(), { model })).toMatchObject({ name: 'acme/other' })
})
