import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Refused } from '../../src/domain/verdict.ts'
import { confirmRevision, type Wanted } from '../../src/run/confirm.ts'
import { connect } from '../hub/connect.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'
import { dataset, digits } from './rig.ts'

let sandbox: SandboxHub

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann' })
  sandbox.createDataset({ name: dataset, files: { 'a.txt': 'a' } })
})
afterEach(() => sandbox.close())

const unknown = '9'.repeat(40)
const { signal } = new AbortController()
const confirm = (kind: Exclude<Wanted['kind'], 'head'>) =>
  confirmRevision({
    hub: connect(sandbox.url, 'hf_ann').hub,
    recipe: digits(),
    wanted: { kind, revision: unknown },
    signal,
  })
const notKnown = new Refused(
  `The Hub does not know the revision ${unknown} of the dataset: ` +
    'it was taken back, or the event is forged; nothing was started.',
)

describe('A revision that the Hub does not know', () => {
  test.each(['event', 'explicit'] as const)('is refused as such, asked for by an %s.', async (kind) => {
    await expect(confirm(kind)).rejects.toThrow(notKnown)
  })

  test('is refused as such also where the Hub answers 404 without an error code.', async () => {
    sandbox.fault({ path: new RegExp(unknown), status: 404 })
    await expect(confirm('event')).rejects.toThrow(notKnown)
  })
})

test('A dataset that went away between two looks is not called a revision that is unknown.', async () => {
  sandbox.fault({ path: new RegExp(unknown), status: 404, headers: { 'x-error-code': 'RepoNotFound' } })
  await expect(confirm('event')).rejects.toThrow(/^The dataset does not exist, or hf-token may not read it/)
})
