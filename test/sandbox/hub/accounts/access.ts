import { authenticationRequired, forbidden, HubRefusal, repoNotFound } from '../errors.ts'
import type { Repository } from '../git/repositories.ts'
import type { Account, Accounts, Token } from './accounts.ts'
import { requireToken } from './accounts.ts'

const CREATE_PR_HINT = 'Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request'

/** A repository or a bucket, as far as rights go. */
type Guarded = Pick<Repository, 'name' | 'owner' | 'private'> & { type: string; madeBy?: string | null }

/**
 * Creating repositories in a namespace, and writing those that the same token created. The Hub's own name for it is not
 * documented. https://huggingface.co/docs/hub/security-tokens
 */
const CONTRIBUTE = 'repo.contribute'

/** Who may do what, on one Hub. */
export interface Access {
  canRead(token: Token | undefined, repository: Guarded): boolean
  canWrite(token: Token | undefined, repository: Guarded): boolean
  /** What a user may see at all, whatever token is used. */
  canUserRead(user: Account, repository: Guarded): boolean
  /** Throws as the Hub refuses: 401 for an anonymous caller, 404 for a valid token. */
  requireRead<T extends Guarded>(token: Token | undefined, repository: T | undefined): T
  requireWrite(token: Token | undefined, repository: Guarded): Token
  /** Opening and answering discussions and pull requests. */
  requireDiscuss(token: Token | undefined, repository: Repository): Token
  /** A permission on the caller's own account, such as `user.webhooks.write`. */
  requireOwn(token: Token | undefined, permission: string): Token
  /** Seeing, or starting and stopping, the Jobs of an account. */
  requireJobs(
    token: Token | undefined,
    namespace: string,
    access: 'read' | 'write',
  ): { token: Token; owner: Account }
  /** Creating, moving and deleting repositories of an account. */
  requireNamespace(token: Token | undefined, namespace: string, action: string): Account
}

function scopes(
  token: Token,
  repository: { type: string; name: string; owner: Account } | { owner: Account },
) {
  return (token.fineGrained.scoped ?? [])
    .filter(({ entity }) =>
      'name' in repository &&
      (entity.type === 'dataset' || entity.type === 'model' || entity.type === 'bucket')
        ? entity.type === repository.type && entity.name === repository.name
        : entity.type === repository.owner.type && entity.name === repository.owner.name,
    )
    .flatMap(({ permissions }) => permissions)
}

/**
 * @param accounts who belongs to what
 * @returns the rules of https://huggingface.co/docs/hub/security-tokens and of organisations' roles
 */
export function createAccess(accounts: Accounts): Access {
  const roleIn = (user: Account, owner: Account) =>
    user.id === owner.id ? 'admin' : accounts.orgsOf(user).find(({ org }) => org.id === owner.id)?.role

  const canUserRead: Access['canUserRead'] = (user, repository) =>
    !repository.private || !['no_access', 'none'].includes(roleIn(user, repository.owner) ?? 'none')

  const hasMade = (token: Token, { madeBy, owner }: Guarded) =>
    madeBy === token.value && scopes(token, { owner }).includes(CONTRIBUTE)

  const canRead: Access['canRead'] = (token, repository) => {
    if (!repository.private) return true
    if (token === undefined || !canUserRead(token.user, repository)) return false
    if (token.role !== 'fineGrained' || hasMade(token, repository)) return true
    return scopes(token, repository).some((scope) => scope === 'repo.content.read' || scope === 'repo.write')
  }

  const writesTo = (user: Account, owner: Account) => ['admin', 'write'].includes(roleIn(user, owner) ?? '')

  const canWrite: Access['canWrite'] = (token, repository) => {
    if (token === undefined || token.role === 'read' || !writesTo(token.user, repository.owner)) return false
    if (token.role === 'write' || hasMade(token, repository)) return true
    return scopes(token, repository).includes('repo.write')
  }

  return {
    canRead,
    canWrite,
    canUserRead,
    requireRead(token, repository) {
      if (repository !== undefined && canRead(token, repository)) return repository
      throw token === undefined ? authenticationRequired() : repoNotFound()
    },
    requireWrite(token, repository) {
      const known = requireToken(token)
      if (!canWrite(known, repository)) throw forbidden(CREATE_PR_HINT)
      return known
    },
    requireDiscuss(token, repository) {
      const known = requireToken(token)
      const granted = [...(known.fineGrained.global ?? []), ...scopes(known, repository)]
      const may =
        known.role === 'write' || (known.role === 'fineGrained' && granted.includes('discussion.write'))
      if (!may) throw forbidden('Your token does not have the required permission: discussion.write')
      return known
    },
    requireOwn(token, permission) {
      const known = requireToken(token)
      const isReading = permission.endsWith('.read')
      const granted = scopes(known, { owner: known.user })
      const may =
        known.role === 'write' ||
        (known.role === 'read' && isReading) ||
        (known.role === 'fineGrained' &&
          (granted.includes(permission) ||
            (isReading && granted.includes(permission.replace(/\.read$/, '.write')))))
      if (!may) throw forbidden(`Your token does not have the required permission: ${permission}`)
      return known
    },
    requireJobs(token, namespace, access) {
      const known = requireToken(token)
      const owner = accounts.find(namespace)
      if (owner === undefined) throw new HubRefusal(404, `The account ${namespace} does not exist`)
      const isWriting = access === 'write'
      const isMember = isWriting
        ? writesTo(known.user, owner)
        : !['no_access', 'none'].includes(roleIn(known.user, owner) ?? 'none')
      // The one permission for Jobs: the Hub's list has no `job.read`. https://huggingface.co/docs/hub/api
      const isGranted = known.role === 'fineGrained' && scopes(known, { owner }).includes('job.write')
      const may = known.role === 'write' || (known.role === 'read' && !isWriting) || isGranted
      if (!isMember || !may) throw forbidden(`You don't have the permission job.write on ${namespace}`)
      return { token: known, owner }
    },
    requireNamespace(token, namespace, action) {
      const known = requireToken(token)
      if (known.expiresAt !== undefined) throw new HubRefusal(401, 'JWT token without create repo scope')
      const owner = accounts.find(namespace)
      const enough = ['repo.write', ...(action.startsWith('create ') ? [CONTRIBUTE] : [])]
      const may =
        owner !== undefined &&
        writesTo(known.user, owner) &&
        (known.role === 'write' ||
          (known.role === 'fineGrained' &&
            scopes(known, { owner }).some((permission) => enough.includes(permission))))
      if (!may) throw forbidden(`You don't have the rights to ${action} under the namespace "${namespace}"`)
      return owner
    },
  }
}
