import { isSameName } from '../domain/text/hub-name.ts'
import type { Account, Scope } from './account.ts'

/** Whether a token may do something, and why not. What the Hub's answer leaves open is unknown, never a no. */
export type Right =
  | { readonly is: 'yes'; readonly why: string }
  | { readonly is: 'unknown'; readonly why: string }
  | { readonly is: 'no'; readonly why: string; readonly advice: string }

/** What a token needs for something: a permission, as the Hub names it, and as people know it. */
interface Need {
  readonly permission: string
  readonly name: string
  /** Other permissions that are enough. */
  readonly also?: RegExp
}

const startJobs: Need = { permission: 'job.write', name: 'start and manage Jobs' }
const createRepositories: Need = {
  permission: 'repo.write',
  name: 'write access to contents and settings',
  also: /contribut|repo\.create/,
}

/**
 * Whether the token may start Jobs in a namespace. There is one permission for Jobs, `job.write`.
 * https://huggingface.co/docs/hub/security-tokens
 */
export function mayStartJobs(account: Account, namespace: string): Right {
  return rightIn(account, namespace, startJobs)
}

/**
 * Whether the token may create a model in a namespace and write it. A fine-grained token for single repositories cannot
 * make new ones; one that may contribute writes what it created itself, and the Hub's name for that is not documented.
 * https://huggingface.co/docs/hub/security-tokens
 */
export function mayCreateModel(account: Account, namespace: string): Right {
  return rightIn(account, namespace, createRepositories)
}

/**
 * Whether the token may open discussions on a dataset.
 *
 * @param options.dataset `namespace/name`
 */
export function mayDiscuss(account: Account, { dataset }: { dataset: string }): Right {
  const { tokenRole, everywhere } = account
  if (tokenRole !== 'fineGrained') return byRole(tokenRole, 'open discussions')
  const [owner = ''] = dataset.split('/')
  const granted = [
    ...everywhere,
    ...[owner, dataset].flatMap((name) => scopesOf(account, name).flatMap(({ permissions }) => permissions)),
  ]
  if (granted.includes('discussion.write')) return { is: 'yes', why: 'fine-grained, with discussion.write' }
  return {
    is: 'no',
    why: 'fine-grained, without discussion.write',
    advice: 'give hf-token the permission to interact with discussions, or set discussion: off',
  }
}

function rightIn(account: Account, namespace: string, need: Need): Right {
  const { tokenRole } = account
  if (tokenRole === 'read') return byRole(tokenRole, need.name)
  const membership = membershipIn(account, namespace)
  if (membership !== null) return membership
  if (tokenRole !== 'fineGrained') return byRole(tokenRole, need.name)
  const granted = scopesOf(account, namespace).flatMap(({ permissions }) => permissions)
  const enough = granted.find((name) => name === need.permission || need.also?.test(name) === true)
  if (enough !== undefined) return { is: 'yes', why: `fine-grained, with ${enough}` }
  if (mayCover(account, granted, need)) {
    return { is: 'unknown', why: 'fine-grained, with rights whose reach is not known' }
  }
  return {
    is: 'no',
    why: `fine-grained, without ${need.permission} in ${namespace}`,
    advice: `give hf-token the permission "${need.name}" (${need.permission}) in ${namespace}, or use a write token`,
  }
}

/** The permissions for repositories and Jobs that are known not to be enough. https://huggingface.co/docs/hub/security-tokens */
const knownPermissions = ['repo.content.read', 'repo.access.read', 'repo.write', 'job.write']

/** Whether rights that are not understood here may include what is needed: of a resource group, or under a new name. */
function mayCover({ scopes }: Account, granted: readonly string[], { permission }: Need): boolean {
  const [area = ''] = permission.split('.')
  return (
    granted.some((name) => name.startsWith(`${area}.`) && !knownPermissions.includes(name)) ||
    scopes.some(({ type, name, permissions }) => {
      return (name === '' || type === 'resource-group') && permissions.includes(permission)
    })
  )
}

/** What the account's place in the namespace says against it; null where it says nothing. */
function membershipIn(account: Account, namespace: string): Right | null {
  const { name, organisations, showsAll } = account
  if (isSameName(name, namespace)) return null
  const own = organisations.find((organisation) => isSameName(organisation.name, namespace))
  if (own === undefined) {
    // The account of an organisation's own token is no member, and has rights there all the same.
    if (scopesOf(account, namespace).length > 0) return null
    if (!showsAll)
      return { is: 'unknown', why: `the Hub does not say what this token may do in ${namespace}` }
    return {
      is: 'no',
      why: `the account ${name} is not a member of ${namespace}`,
      advice: `set target-namespace to ${name} or one of its organisations, or use a token of a member of ${namespace}`,
    }
  }
  if (own.role === 'read' || own.role === 'no_access') {
    if (own.groupRoles.some((role) => role !== 'read' && role !== 'no_access')) {
      return {
        is: 'unknown',
        why: `${name} has the role ${own.role} in ${namespace}, and more in a resource group`,
      }
    }
    return {
      is: 'no',
      why: `${name} has the role ${own.role} in ${namespace}`,
      advice: `ask an administrator of ${namespace} for the role write or contributor`,
    }
  }
  if (own.restrictions.length > 0) {
    return { is: 'unknown', why: `${namespace} restricts tokens now (${own.restrictions.join(', ')})` }
  }
  return own.role === 'contributor'
    ? { is: 'unknown', why: `${name} is a contributor of ${namespace}` }
    : null
}

function byRole(role: string | null, what: string): Right {
  if (role === 'write' || role === 'god') return { is: 'yes', why: 'a write token' }
  if (role !== 'read') return { is: 'unknown', why: 'the Hub does not say what this token may do' }
  return {
    is: 'no',
    why: `a read token, which cannot ${what}`,
    advice: 'use a write token, or a fine-grained one with that permission',
  }
}

function scopesOf({ scopes }: Account, name: string): Scope[] {
  return scopes.filter((scope) => isSameName(scope.name, name))
}
