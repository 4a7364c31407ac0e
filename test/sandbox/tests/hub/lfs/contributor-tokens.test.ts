import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type SandboxHub, startHub } from '../../../hub/start.ts'

let hub: SandboxHub

beforeEach(async () => {
  hub = await startHub({ retryDelaysMs: [] })
  hub.addUser({ name: 'ann', token: 'hf_ann', orgs: ['acme'] })
  for (const token of ['hf_first', 'hf_second']) {
    const scoped = [{ entity: { type: 'org' as const, name: 'acme' }, permissions: ['repo.contribute'] }]
    hub.addToken({ token, user: 'ann', role: 'fineGrained', permissions: { scoped } })
  }
})
afterEach(() => hub.close())

async function call(token: string, path: string, options: { method?: string; body?: unknown } = {}) {
  const { body, method = body === undefined ? 'GET' : 'POST' } = options
  const response = await fetch(hub.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return response.status
}

const create = (token: string, organization = 'acme') =>
  call(token, '/api/repos/create', { body: { type: 'model', name: 'made', organization, private: true } })
const writes = (token: string, name: string) => call(token, `/api/models/${name}/auth-check/write`)

test('A contributor token creates repositories where it may, and reads and writes them.', async () => {
  expect(await create('hf_first')).toBe(200)
  expect(await call('hf_first', '/api/models/acme/made')).toBe(200)
  expect(await writes('hf_first', 'acme/made')).toBe(200)
  expect(await create('hf_first', 'ann')).toBe(403)
})

test('It writes nothing that another token made, be it of the same person.', async () => {
  await create('hf_first')
  hub.createModel({ name: 'acme/older' })
  expect(await writes('hf_second', 'acme/made')).toBe(404)
  expect(await writes('hf_first', 'acme/older')).toBe(403)
  hub.repository('acme/made', 'model').private = false
  expect(await writes('hf_second', 'acme/made')).toBe(403)
})

test('It moves no repository.', async () => {
  await create('hf_first')
  const body = { type: 'model', fromRepo: 'acme/made', toRepo: 'acme/other' }
  expect(await call('hf_first', '/api/repos/move', { body })).toBe(403)
})
