import { createSign, generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { SandboxHub } from '../../../hub/start.ts'
import { startHub } from '../../../hub/start.ts'

const ISSUER = 'https://token.actions.githubusercontent.com'
const newKeys = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

let keys: ReturnType<typeof newKeys>
let time: number
let hub: SandboxHub

beforeAll(() => {
  keys = newKeys()
})
beforeEach(async () => {
  time = Date.parse('2026-01-01T00:00:00Z')
  hub = await startHub({ now: () => new Date(time), retryDelaysMs: [] })
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.createModel({ name: 'ann/model' })
  hub.createModel({ name: 'ann/other' })
  hub.createDataset({ name: 'ann/data', private: true })
  for (const resource of ['ann/model', 'datasets/ann/data', 'ann']) {
    const claims = { repository: 'acme/train' }
    hub.state.publishers.trust({ resource, issuer: ISSUER, publicKey: keys.publicKey, claims })
  }
})
afterEach(() => hub.close())

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

function idToken(change: object = {}, options: { alg?: string; key?: string } = {}) {
  const claims = { iss: ISSUER, aud: hub.url, exp: time / 1000 + 300, repository: 'acme/train', ...change }
  const signed = `${part({ alg: options.alg ?? 'RS256' })}.${part(claims)}`
  return `${signed}.${createSign('sha256')
    .update(signed)
    .sign(options.key ?? keys.privateKey, 'base64url')}`
}

async function exchange(change: object = {}) {
  const response = await fetch(`${hub.url}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      subject_token: idToken(),
      resource: 'ann/model',
      ...change,
    }),
  })
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> }
}

async function ask(token: unknown, path: string, body?: object) {
  const response = await fetch(hub.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return response.status
}

test('An id token of a trusted publisher becomes a token that writes to its repository only, for an hour.', async () => {
  const { status, answer } = await exchange()
  expect([status, answer]).toEqual([
    200,
    expect.objectContaining({
      token_type: 'bearer',
      expires_in: 3600,
      access_token: expect.stringMatching(/^hf_jwt_/),
    }),
  ])
  const token = answer.access_token
  const writes = (name: string) => ask(token, `/api/models/${name}/auth-check/write`)
  expect([await writes('ann/model'), await writes('ann/other')]).toEqual([200, 403])
  expect(await ask(token, '/api/repos/create', { name: 'new' })).toBe(401)
  expect(await ask(token, '/api/jobs/ann', {})).toBe(403)
  expect(await ask(token, '/api/settings/webhooks')).toBe(403)
  time += 3600_000
  expect(await writes('ann/model')).toBe(401)
})

test('A dataset is named with its kind, and a user gets a token that writes nothing.', async () => {
  const dataset = await exchange({ resource: 'datasets/ann/data' })
  expect(await ask(dataset.answer.access_token, '/api/datasets/ann/data/auth-check/write')).toBe(200)
  const user = await exchange({ resource: 'ann' })
  expect(await ask(user.answer.access_token, '/api/models/ann/model/auth-check')).toBe(200)
  expect(await ask(user.answer.access_token, '/api/models/ann/model/auth-check/write')).toBe(403)
})

describe('The exchange refuses', () => {
  test.each<[string, () => object]>([
    [
      'a claim that is not the one that is trusted',
      () => ({ subject_token: idToken({ repository: 'acme/Train' }) }),
    ],
    ['another audience', () => ({ subject_token: idToken({ aud: 'https://example.org' }) })],
    ['another issuer', () => ({ subject_token: idToken({ iss: 'https://example.org' }) })],
    ['an id token that is too old', () => ({ subject_token: idToken({ exp: time / 1000 }) })],
    ['a signature by another key', () => ({ subject_token: idToken({}, { key: newKeys().privateKey }) })],
    ['an id token without a signature', () => ({ subject_token: idToken({}, { alg: 'none' }) })],
    ['a text that is no id token', () => ({ subject_token: 'hf_ann' })],
    ['a repository without a trusted publisher', () => ({ resource: 'ann/other' })],
    ['a repository that does not exist', () => ({ resource: 'ann/none' })],
  ])('%s as an invalid grant.', async (_, change) => {
    const { status, answer } = await exchange(change())
    expect([status, answer.error]).toEqual([400, 'invalid_grant'])
  })

  test.each([{ grant_type: 'password' }, { subject_token: '' }, { resource: 3 }])(
    '%j as an invalid request.',
    async (change) => {
      const { status, answer } = await exchange(change)
      expect([status, answer.error]).toEqual([400, 'invalid_request'])
    },
  )
})
