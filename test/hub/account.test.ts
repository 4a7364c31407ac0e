import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { namespacesOf as names, readAccount } from '../../src/hub/account.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'
import { connect } from './connect.ts'

let sandbox: SandboxHub

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann', orgs: ['acme', { name: 'lab', role: 'read' }] })
  sandbox.addUser({ name: 'eve', token: 'hf_eve' })
})

afterEach(() => sandbox.close())

const namespacesOf = async (token: string) => names(await readAccount(connect(sandbox.url, token).hub))

test("A user's namespaces are the user's own name and the names of the organisations.", async () => {
  expect(await namespacesOf('hf_ann')).toEqual(['ann', 'acme', 'lab'])
})

test('A user without organisations has one namespace.', async () => {
  expect(await namespacesOf('hf_eve')).toEqual(['eve'])
})

test('A fine-grained token has the same namespaces.', async () => {
  sandbox.addToken({
    token: 'hf_fine',
    user: 'ann',
    role: 'fineGrained',
    permissions: { global: ['discussion.write'] },
  })
  expect((await namespacesOf('hf_fine'))[0]).toBe('ann')
})

test('The token of an organisation, whose answer lists no organisations, has one namespace.', async () => {
  sandbox.fault({ path: /whoami/, status: 200, body: { type: 'org', name: 'acme' } })
  expect(await namespacesOf('hf_ann')).toEqual(['acme'])
})

test('An unknown token is an error.', async () => {
  await expect(namespacesOf('hf_nobody')).rejects.toMatchObject({ status: 401 })
})

test('An answer of an unexpected form is an error.', async () => {
  sandbox.fault({ path: /whoami/, status: 200, body: { name: 5 } })
  await expect(namespacesOf('hf_ann')).rejects.toMatchObject({ name: 'HttpError', status: 200 })
})

test.each([
  ['a write token of a user', { type: 'user', orgs: [], auth: { accessToken: { role: 'write' } } }, true],
  [
    'a token for OAuth, which was given some organisations',
    { type: 'user', orgs: [], auth: { type: 'oauth' } },
    false,
  ],
  ['a service account', { type: 'service-account', auth: { accessToken: { role: 'fineGrained' } } }, false],
  ['an answer without organisations', { type: 'user', auth: { accessToken: { role: 'write' } } }, false],
])('Whether all organisations of an account are known: %s', async (_, body, showsAll) => {
  sandbox.fault({ path: /whoami/, status: 200, body: { name: 'ann', ...body } })
  expect((await readAccount(connect(sandbox.url, 'hf_ann').hub)).showsAll).toBe(showsAll)
})
