import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Refused } from '../../src/domain/verdict.ts'
import { findDataset } from '../../src/hub/datasets.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'
import { connect } from './connect.ts'

const dataset = 'ann/digits'
let sandbox: SandboxHub

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann' })
  sandbox.addUser({ name: 'eve', token: 'hf_eve' })
  sandbox.createDataset({ name: dataset, files: { 'a.txt': 'a' } })
})

afterEach(() => sandbox.close())

const find = (revision: string, { token = 'hf_ann', name = dataset } = {}) =>
  findDataset(connect(sandbox.url, token).hub, { dataset: name, revision })

async function refusal(answer: Promise<unknown>): Promise<string> {
  const error = await answer.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Refused)
  expect((error as Refused).cause).toMatchObject({ name: 'HttpError' })
  return (error as Refused).message
}

test('A branch resolves to the commit at its head.', async () => {
  const { sha } = sandbox.commit(dataset, { files: { 'b.txt': 'b' } })
  expect(await find('main')).toEqual({
    revision: sha,
    visibility: 'public',
    isGated: false,
    id: sandbox.repository(dataset).id,
    name: dataset,
  })
})

test('A dataset that was renamed is found under its old name, with its new name and the same id.', async () => {
  const { id } = sandbox.repository(dataset)
  sandbox.move(dataset, 'ann/numbers')
  expect(await find('main')).toMatchObject({ id, name: 'ann/numbers' })
})

test('A full sha resolves to itself, also when it is not the head.', async () => {
  const { sha } = sandbox.commit(dataset, { files: { 'b.txt': 'b' } })
  sandbox.commit(dataset, { files: { 'c.txt': 'c' } })
  expect(await find(sha)).toMatchObject({ revision: sha })
})

test('Another branch than main, with a slash in its name, is found.', async () => {
  sandbox.branch(dataset, 'next/one')
  const { sha } = sandbox.commit(dataset, { files: { 'b.txt': 'b' }, ref: 'refs/heads/next/one' })
  expect(await find('next/one')).toMatchObject({ revision: sha })
  expect(await find('main')).not.toMatchObject({ revision: sha })
})

test('A private dataset is reported as private.', async () => {
  sandbox.setPrivate(dataset, true)
  expect(await find('main')).toMatchObject({ visibility: 'private' })
})

test.each(['nobranch', '9'.repeat(40)])(
  'The missing revision %s of an existing dataset is null.',
  async (revision) => {
    expect(await find(revision)).toBeNull()
  },
)

describe('A dataset that cannot be read is refused with what to do', () => {
  test('A dataset that does not exist is refused.', async () => {
    expect(await refusal(find('main', { name: 'ann/letters' }))).toMatch(
      /^The dataset does not exist, or hf-token may not read it \(the Hub answered 404.*"Repository not found"\)\. Check input-dataset, .+\.$/,
    )
  })

  test('A private dataset of another account is refused.', async () => {
    sandbox.setPrivate(dataset, true)
    expect(await refusal(find('main', { token: 'hf_eve' }))).toMatch(
      /^The dataset does not exist, or hf-token may not/,
    )
  })

  test('A private dataset is refused for a fine-grained token without access to its contents.', async () => {
    sandbox.setPrivate(dataset, true)
    sandbox.addToken({ token: 'hf_fine', user: 'ann', role: 'fineGrained' })
    expect(await refusal(find('main', { token: 'hf_fine' }))).toMatch(/ive hf-token read access/)
  })

  test('A gated dataset is refused.', async () => {
    sandbox.fault({
      path: /digits/,
      status: 403,
      headers: { 'x-error-code': 'GatedRepo', 'x-request-id': 'r-1' },
    })
    expect(await refusal(find('main'))).toBe(
      'The dataset cannot be read with hf-token (the Hub answered 403, request id r-1: "Internal Error"). Ask for ' +
        'access on its page, signed in with the account that hf-token belongs to.',
    )
  })

  test.each([
    [
      'You are not on the list for this gated dataset: ask for access on its page',
      'GatedRepo',
      'Ask for access on its page, signed in with the account that hf-token belongs to.',
    ],
    [
      'This token waits for the approval of an administrator of acme',
      undefined,
      "Ask an administrator of the dataset's organisation for the approval, then run the workflow again.",
    ],
    ['Something that nobody knows', undefined, ''],
  ])(
    'With "%s" in a 403, the sentence has these words, and advice only where they are known.',
    async (words, code, advice) => {
      const headers = { 'x-error-message': words, ...(code !== undefined && { 'x-error-code': code }) }
      sandbox.fault({ path: /digits/, status: 403, headers })
      expect(await refusal(find('main'))).toBe(
        `The dataset cannot be read with hf-token (the Hub answered 403: "${words}").${advice && ` ${advice}`}`,
      )
    },
  )

  test('A page of a proxy is called that, with its address.', async () => {
    const body = '<!DOCTYPE html><html><head><title>Access denied by policy</title></head></html>'
    sandbox.fault({ path: /digits/, status: 403, body, headers: { 'content-type': 'text/html' } })
    expect(await refusal(find('main'))).toBe(
      'The dataset cannot be read with hf-token (the Hub answered 403: a page of HTML ("Access denied by policy") from ' +
        `${sandbox.url}/api/datasets/${dataset}/revision/main).`,
    )
  })

  test('An invalid token is refused.', async () => {
    const message = await refusal(find('main', { token: 'hf_nobody' }))
    expect(message).toMatch(
      /^The dataset cannot be read with hf-token \(the Hub answered 401, request id .*: "Invalid credentials in Authorization header"\)\. /,
    )
    expect(message).toContain(`Create a new token at ${sandbox.url}/settings/tokens`)
  })
})

test('A Hub that keeps failing is an error, not a refusal, because nothing needs a fix.', async () => {
  const fault = sandbox.fault({ path: /digits/, status: 503, times: Number.POSITIVE_INFINITY })
  await expect(find('main')).rejects.toMatchObject({ name: 'HttpError', status: 503 })
  expect(fault.hits).toBe(4)
})

test("The Hub's limit is an error that says for how long, without the query of the address.", async () => {
  const error = 'We had to rate limit you, you hit the quota of 1000 api requests per 5 minutes period.'
  sandbox.fault({
    path: /digits/,
    status: 429,
    body: { error },
    headers: { ratelimit: 'r=0;t=249' },
    times: 9,
  })
  await expect(find('main')).rejects.toMatchObject({
    name: 'HttpError',
    message:
      `GET ${sandbox.url}/api/datasets/${dataset}/revision/main answered 429: "${error.slice(0, -1)}"; ` +
      'the limit is free again in 4 min 10 s',
  })
})

test('A request that fails once is retried.', async () => {
  sandbox.fault({ path: /digits/, status: 503 })
  expect(await find('main')).toMatchObject({ visibility: 'public' })
})

test('An answer that is about no dataset is an error that says so.', async () => {
  sandbox.fault({ path: /\/revision\//, status: 200, body: { error: 'busy' } })
  await expect(find('main')).rejects.toThrow("The Hub's answer about the dataset has an unknown form.")
})
