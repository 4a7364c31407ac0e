import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Refused } from '../../../src/domain/verdict.ts'
import { confirmRevision, findHead, type Wanted } from '../../../src/run/check/confirm.ts'
import { connect } from '../../hub/connect.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { dataset, digits } from '../rig.ts'

let sandbox: SandboxHub

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann' })
  sandbox.createDataset({ name: dataset, files: { 'a.txt': 'a' } })
})
afterEach(() => sandbox.close())

const unknown = '9'.repeat(40)
const { signal } = new AbortController()
async function confirm(kind: Exclude<Wanted['kind'], 'head'>, revision = unknown) {
  const { hub } = connect(sandbox.url, 'hf_ann')
  const recipe = digits()
  const head = await findHead(hub, { recipe, signal })
  return confirmRevision({ hub, recipe, wanted: { kind, revision }, head, signal })
}
const refusals = {
  event: new Refused(
    `The dataset has no revision ${unknown}: it was force-pushed away, or the event is forged. ` +
      'Nothing was started.',
  ),
  explicit: new Refused(`The dataset has no revision ${unknown}: check the input revision.`),
}

describe('A revision that the Hub does not have', () => {
  test.each(['event', 'explicit'] as const)('It is refused with what to do: %s.', async (kind) => {
    await expect(confirm(kind)).rejects.toThrow(refusals[kind])
  })

  test.each(['9f1c2ab', 'abcd', 'DEADBEEF'])('A short commit id is not called forged: %s.', async (short) => {
    const sentence = `The dataset has no revision ${short}: give the full commit sha, or check the input revision.`
    await expect(confirm('explicit', short)).rejects.toThrow(new Refused(sentence))
  })

  test('It is refused even if the Hub answers 404 without an error code.', async () => {
    sandbox.fault({ path: new RegExp(unknown), status: 404 })
    await expect(confirm('event')).rejects.toThrow(refusals.event)
  })
})

test('A dataset that is deleted between two requests is not reported as an unknown revision.', async () => {
  sandbox.fault({ path: new RegExp(unknown), status: 404, headers: { 'x-error-code': 'RepoNotFound' } })
  await expect(confirm('event')).rejects.toThrow(/^The dataset does not exist, or hf-token may not read it/)
})
