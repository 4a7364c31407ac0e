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

test('A discussion is opened on the dataset, and its number and page come back.', async () => {
  expect(await open({ description: '# Run\n\n`ä`' })).toEqual({
    number: 1,
    url: `${sandbox.url}/datasets/${dataset}/discussions/1`,
  })
  expect(opened()).toMatchObject([
    { title: 'Retraining started', author: { name: 'ann' }, events: [{ raw: '# Run\n\n`ä`' }] },
  ])
})

test('A title and a text that are too long for the Hub are cut to what it takes.', async () => {
  await open({ title: 't'.repeat(300), description: 'd'.repeat(70_000) })
  expect(opened()[0]?.title).toHaveLength(200)
  expect(opened()[0]?.events).toMatchObject([{ raw: 'd'.repeat(65_536) }])
})

test('A fine-grained token with discussion.write is enough.', async () => {
  const permissions = { global: ['discussion.write'] }
  sandbox.addToken({ token: 'hf_fine', user: 'ann', role: 'fineGrained', permissions })
  expect(await open({ token: 'hf_fine' })).toMatchObject({ number: 1 })
})

describe('It is sent once where its effect is not known', () => {
  test.each([500, 502, 503, 504])('After %d.', async (status) => {
    const fault = sandbox.fault({ path: /discussions/, status, times: 9, applied: true })
    await expect(open()).rejects.toMatchObject({ name: 'HttpError', status })
    expect(fault.hits).toBe(1)
    expect(opened()).toHaveLength(1)
  })

  test('After a connection that was cut when the discussion was there already.', async () => {
    const fault = sandbox.fault({ path: /discussions/, reset: true, times: 9, applied: true })
    await expect(open()).rejects.toMatchObject({ name: 'NoAnswerError', neverSent: false })
    expect(fault.hits).toBe(1)
    expect(opened()).toHaveLength(1)
  })
})

test('A Hub that limits how many are opened is given its time, and then gets it once.', async () => {
  sandbox.fault({ path: /discussions/, status: 429, headers: { 'retry-after': '5' } })
  await open()
  expect(opened()).toHaveLength(1)
})

describe('An error says what to do next', () => {
  const cannotWrite =
    /answered \d+.*: the token cannot write discussions on ann\/digits: give hf-token the write role, .* discussion\.write .* or set discussion: off$/

  test('The token may only read.', async () => {
    sandbox.addToken({ token: 'hf_read', user: 'ann', role: 'read' })
    await expect(open({ token: 'hf_read' })).rejects.toMatchObject({
      status: 403,
      message: expect.stringMatching(cannotWrite),
    })
  })

  test('The token is not known.', async () => {
    await expect(open({ token: 'hf_no' })).rejects.toMatchObject({
      status: 401,
      message: expect.stringMatching(cannotWrite),
    })
  })

  test('The dataset is hidden from the token.', async () => {
    sandbox.setPrivate(dataset, true)
    sandbox.addUser({ name: 'eve', token: 'hf_eve' })
    await expect(open({ token: 'hf_eve' })).rejects.toMatchObject({
      status: 404,
      message: expect.stringMatching(cannotWrite),
    })
  })

  test('Too many were opened.', async () => {
    sandbox.fault({ path: /discussions/, status: 429, times: 9, headers: { 'retry-after': '3600' } })
    await expect(open()).rejects.toMatchObject({
      status: 429,
      message: expect.stringMatching(
        /: the Hub limits how many discussions are opened: wait, or set discussion: off$/,
      ),
    })
  })

  test('An answer without a number is an error as well.', async () => {
    sandbox.fault({ path: /discussions/, status: 200, body: { url: 'x' } })
    await expect(open()).rejects.toMatchObject({
      status: 200,
      message: expect.stringContaining('with an unexpected body'),
    })
  })
})
