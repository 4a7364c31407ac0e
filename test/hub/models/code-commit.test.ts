import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { commitCode, isCodeCommitted } from '../../../src/hub/models/code-commit.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { connect } from '../connect.ts'

const model = 'acme/digits-1'
const title = 'Training code: training/train.py for aaaaaaa (key, digest)'
const files = [
  { path: 'training/training/train.py', content: Buffer.from('print(1)\n') },
  { path: 'training/weights.bin', content: new Uint8Array([0, 1, 2, 3]) },
]
const code = {
  'training/training/train.py': 'print(1)\n',
  'training/weights.bin': new Uint8Array([0, 1, 2, 3]),
}
let sandbox: SandboxHub

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann', orgs: ['acme'] })
})
afterEach(() => sandbox.close())

const options = () => ({ model, folder: 'training', files, title, signal: new AbortController().signal })
const send = () => commitCode(connect(sandbox.url, 'hf_ann').hub, options())
const isThere = () => isCodeCommitted(connect(sandbox.url, 'hf_ann').hub, options())
const head = () => sandbox.repository(model, 'model').refs.get('refs/heads/main')
const leave = (content: Record<string, string | Uint8Array>, isPrivate = true) => {
  sandbox.createModel({ name: model, private: isPrivate })
  sandbox.commit(model, { type: 'model', files: content, title })
}

describe('Code is committed to the model of its training', () => {
  test('The repository is made private, and repeating it commits nothing more.', async () => {
    const made = await send()
    expect(made).toBe(head())
    expect(sandbox.repository(model, 'model').private).toBe(true)
    expect(await isThere()).toBe(true)
    expect(await send()).toBe(made)
    expect(head()).toBe(made)
  })

  test.each(['/api/repos/create', '/commit/main'])(
    'When the answer of %s is lost, it is found again.',
    async (path) => {
      sandbox.fault({ method: 'POST', path: new RegExp(path), reset: true, applied: true })
      expect(await send()).toBe(head())
    },
  )

  test.each([
    ['other content', { ...code, 'training/training/train.py': 'steal()\n' }],
    ['other content in LFS', { ...code, 'training/weights.bin': new Uint8Array([9]) }],
    ['a file too many', { ...code, 'training/training/json.py': 'steal()\n' }],
    ['a file too few', { 'training/training/train.py': 'print(1)\n' }],
  ])('A commit of the same title with %s is not taken for it.', async (_what, content) => {
    leave(content)
    expect(await isThere()).toBe(false)
    await expect(send()).rejects.toThrow('its code is not that of this training')
  })

  test('A public repository gets no code, even an empty one.', async () => {
    sandbox.createModel({ name: model })
    const before = head()
    await expect(send()).rejects.toThrow('is not private')
    expect(head()).toBe(before)
  })

  test('A public repository is not reused, whatever its code.', async () => {
    leave(code, false)
    expect(await isThere()).toBe(false)
  })

  test('A model that the token may not see is not written over.', async () => {
    sandbox.fault({ path: /commits\/main/, status: 404, times: 1 })
    sandbox.createModel({ name: model, private: true })
    sandbox.commit(model, { type: 'model', files: { 'model.safetensors': 'x' }, title: 'End of training' })
    const before = head()
    await expect(send()).rejects.toThrow('its newest commit is not of this training')
    expect(head()).toBe(before)
  })
})
