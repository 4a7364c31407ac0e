import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createDiscussion } from '../../../src/hub/discussions/discussions.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { connect } from '../connect.ts'

const dataset = 'ann/digits'
let sandbox: SandboxHub

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann' })
  sandbox.createDataset({ name: dataset, files: { 'a.txt': 'a' } })
})

afterEach(() => sandbox.close())

const open = (change: { token?: string; title?: string; description?: string } = {}) => {
  const { token = 'hf_ann', title = 'Retraining started', description = 'Text' } = change
  return createDiscussion(connect(sandbox.url, token).hub, { dataset, title, description })
}
const opened = () => sandbox.discussions(dataset)

test('A discussion is opened on the dataset, and its number and page are returned.', async () => {
  expect(await open({ description: '# Run\n\n`ä`' })).toEqual({
    number: 1,
    url: `${sandbox.url}/datasets/${dataset}/discussions/1`,
  })
  expect(opened()).toMatchObject([
    { title: 'Retraining started', author: { name: 'ann' }, events: [{ raw: '# Run\n\n`ä`' }] },
  ])
})

test('A title and a text that are too long are cut to the limits of the Hub.', async () => {
  await open({ title: 't'.repeat(300), description: 'd'.repeat(70_000) })
  expect(opened()[0]?.title).toHaveLength(200)
  expect(opened()[0]?.events).toMatchObject([{ raw: 'd'.repeat(65_536) }])
})

test('A fine-grained token with discussion.write is enough.', async () => {
  const permissions = { global: ['discussion.write'] }
  sandbox.addToken({ token: 'hf_fine', user: 'ann', role: 'fineGrained', permissions })
  expect(await open({ token: 'hf_fine' })).toMatchObject({ number: 1 })
})

describe('A discussion whose request may have been carried out is not sent again', () => {
  test.each([500, 502, 503, 504])('It is not sent again after %d.', async (status) => {
    const fault = sandbox.fault({ path: /discussions/, status, times: 9, applied: true })
    await expect(open()).rejects.toMatchObject({ name: 'HttpError', status })
    expect(fault.hits).toBe(1)
    expect(opened()).toHaveLength(1)
  })

  test('It is not sent again after a connection that was lost when the discussion existed.', async () => {
    const fault = sandbox.fault({ path: /discussions/, reset: true, times: 9, applied: true })
    await expect(open()).rejects.toMatchObject({ name: 'NoAnswerError', neverSent: false })
    expect(fault.hits).toBe(1)
    expect(opened()).toHaveLength(1)
  })
})

test('A rate limit delays the request, which then opens one discussion.', async () => {
  sandbox.fault({ path: /discussions/, status: 429, headers: { 'retry-after': '5' } })
  await open()
  expect(opened()).toHaveLength(1)
})

describe('An error says what to do', () => {
  const cannotWrite =
    /answered \d+.*: ".+"; hf-token may not write discussions on ann\/digits: give it the write role or .* discussion\.write .*, or set discussion: off$/

  test('It says what to do about a token that may only read.', async () => {
    sandbox.addToken({ token: 'hf_read', user: 'ann', role: 'read' })
    await expect(open({ token: 'hf_read' })).rejects.toMatchObject({
      status: 403,
      message: expect.stringMatching(cannotWrite),
    })
  })

  test('It says what to do about an unknown token.', async () => {
    await expect(open({ token: 'hf_no' })).rejects.toMatchObject({
      status: 401,
      message: expect.stringMatching(
        /; create a new token at .*\/settings\/tokens .*, or set discussion: off$/,
      ),
    })
  })

  test('It says what to do when the token cannot see the dataset.', async () => {
    sandbox.setPrivate(dataset, true)
    sandbox.addUser({ name: 'eve', token: 'hf_eve' })
    await expect(open({ token: 'hf_eve' })).rejects.toMatchObject({
      status: 404,
      message: expect.stringMatching(cannotWrite),
    })
  })

  test('It says what to do when too many were opened.', async () => {
    sandbox.fault({ path: /discussions/, status: 429, times: 9, headers: { 'retry-after': '3600' } })
    await expect(open()).rejects.toMatchObject({
      status: 429,
      message: expect.stringMatching(
        /; the limit is free again in 1 h; the Hub limits how many discussions can be opened: wait, or set discussion: off$/,
      ),
    })
  })

  test('It is thrown for an answer without a number.', async () => {
    sandbox.fault({ path: /discussions/, status: 200, body: { url: 'x' } })
    await expect(open()).rejects.toMatchObject({
      status: 200,
      message: expect.stringContaining('with an unexpected body'),
    })
  })
})
