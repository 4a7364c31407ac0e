import { describe, expect, test } from '@jest/globals'
import type { Account } from '../../src/hub/account.ts'
import { mayCreateModel, mayDiscuss, mayStartJobs } from '../../src/hub/rights.ts'

const nobody: Account = {
  name: 'ann',
  showsAll: true,
  organisations: [],
  tokenRole: null,
  scopes: [],
  everywhere: [],
}

const account = (change: Partial<Account>): Account => ({ ...nobody, ...change })

const member = (
  role: string | null,
  restrictions: string[] = [],
  groupRoles: string[] = [],
): Partial<Account> => ({
  organisations: [{ name: 'acme', role, restrictions, groupRoles }],
})

const fine = (name: string, permissions: string[], type = 'user'): Partial<Account> => ({
  tokenRole: 'fineGrained',
  scopes: [{ type, name, permissions }],
})

describe('Whether a token may start Jobs', () => {
  test.each([
    ['a write token in its own namespace', account({ tokenRole: 'write' }), 'ann', 'yes'],
    ['a write token in another case of its name', account({ tokenRole: 'write' }), 'Ann', 'yes'],
    ['a read token', account({ tokenRole: 'read' }), 'ann', 'no'],
    ['a token of which the Hub says nothing', nobody, 'ann', 'unknown'],
    ['a fine-grained token with the permission', account(fine('ann', ['job.write'])), 'ann', 'yes'],
    ['a fine-grained token without it', account(fine('ann', ['repo.write'])), 'ann', 'no'],
    ['a fine-grained token with it elsewhere', account(fine('acme', ['job.write'])), 'ann', 'no'],
    ['a token of no member', account({ tokenRole: 'write' }), 'acme', 'no'],
    ['a member who may write', account({ tokenRole: 'write', ...member('write') }), 'acme', 'yes'],
    ['a member who may read', account({ tokenRole: 'write', ...member('read') }), 'acme', 'no'],
    ['a member without access', account({ tokenRole: 'write', ...member('no_access') }), 'acme', 'no'],
    ['a contributor', account({ tokenRole: 'write', ...member('contributor') }), 'acme', 'unknown'],
    ['a member whose role is not said', account({ tokenRole: 'write', ...member(null) }), 'acme', 'yes'],
    ['a token whose organisations the Hub does not list', account({ showsAll: false }), 'acme', 'unknown'],
    [
      'a read token whose organisations it does not list',
      account({ showsAll: false, tokenRole: 'read' }),
      'acme',
      'no',
    ],
    ['a service account with the permission', account(fine('acme', ['job.write'], 'org')), 'acme', 'yes'],
    ['a service account without it', account(fine('acme', ['repo.write'], 'org')), 'acme', 'no'],
    [
      'a member who may write in a resource group',
      account({ tokenRole: 'write', ...member('read', [], ['write']) }),
      'acme',
      'unknown',
    ],
    [
      'a member who may only read in a resource group too',
      account({ tokenRole: 'write', ...member('no_access', [], ['read']) }),
      'acme',
      'no',
    ],
    [
      'a fine-grained token with the permission in a resource group',
      account({ ...member('write'), ...fine('team', ['job.write'], 'resource-group') }),
      'acme',
      'unknown',
    ],
    ['a fine-grained token whose scope has no name', account(fine('', ['job.write'], '')), 'ann', 'unknown'],
    [
      'a fine-grained token with a newer permission for Jobs',
      account(fine('ann', ['job.start'])),
      'ann',
      'unknown',
    ],
    [
      'a member where single sign-on is missing',
      account({ tokenRole: 'write', ...member('write', ['sso']) }),
      'acme',
      'unknown',
    ],
  ])('%s', (_, known, namespace, is) => {
    expect(mayStartJobs(known, namespace).is).toBe(is)
  })
})

describe('Whether a token may create the model', () => {
  test.each([
    ['a fine-grained token that writes the namespace', account(fine('ann', ['repo.write'])), 'yes'],
    ['a fine-grained token for one model', account(fine('ann/other', ['repo.write'], 'model')), 'no'],
    ['a fine-grained token that may contribute', account(fine('ann', ['repo.contribute'])), 'yes'],
    ['a fine-grained token that only reads', account(fine('ann', ['repo.content.read', 'job.write'])), 'no'],
    ['a fine-grained token with a newer permission', account(fine('ann', ['repo.content.write'])), 'unknown'],
    ['a read token', account({ tokenRole: 'read' }), 'no'],
  ])('%s', (_, known, is) => {
    expect(mayCreateModel(known, 'ann').is).toBe(is)
  })
})

describe('Whether a token may open discussions', () => {
  test.each([
    ['a write token', account({ tokenRole: 'write' }), 'yes'],
    [
      'a fine-grained token with the permission everywhere',
      account({ tokenRole: 'fineGrained', everywhere: ['discussion.write'] }),
      'yes',
    ],
    ['one with the permission on the dataset', account(fine('acme/pets', ['discussion.write'])), 'yes'],
    ['one with the permission on its owner', account(fine('acme', ['discussion.write'])), 'yes'],
    ['one with the permission on another dataset', account(fine('acme/cars', ['discussion.write'])), 'no'],
  ])('%s', (_, known, is) => {
    expect(mayDiscuss(known, { dataset: 'acme/pets' }).is).toBe(is)
  })
})

test('Each no says what to do', () => {
  const rights = [
    mayStartJobs(account({ tokenRole: 'read' }), 'ann'),
    mayStartJobs(account({ tokenRole: 'write' }), 'acme'),
    mayCreateModel(account(fine('ann', [])), 'ann'),
  ]
  const advice = rights.map((right) => (right.is === 'no' ? right.advice : ''))
  expect(advice).toEqual([
    'use a write token, or a fine-grained one with that permission',
    'set target-namespace to ann or one of its organisations, or use a token of a member of acme',
    'give hf-token the permission "write access to contents and settings" (repo.write) in ann, or use a write token',
  ])
})
