import { notFound, refusal } from './github-answers.ts'
import { findRepository, type Permissions, type Repository } from './github-repositories.ts'

const rank = { none: 0, read: 1, write: 2 }

/** The token of a request, or undefined without one; `token` and `Bearer` mean the same to GitHub. */
export function tokenOf(request: Request): string | undefined {
  return /^(?:token|bearer)\s+(\S+)\s*$/i.exec(request.headers.get('authorization') ?? '')?.[1]
}

/**
 * 401 for a request whose token nobody issued; undefined when the token is known or absent.
 * https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api#failed-login-limit
 */
export function refuseUnknownToken(all: Repository[], request: Request): Response | undefined {
  const token = tokenOf(request)
  if (!request.headers.has('authorization')) {
    return undefined
  }
  const known = token !== undefined && all.some((repository) => repository.tokens.has(token))
  return known ? undefined : refusal(401, 'Bad credentials')
}

/**
 * The repository, if the request's token has the permission there; otherwise GitHub's refusal: 404 where the
 * token cannot see the repository, 403 where a fine-grained or an Actions token sees it and lacks the
 * permission, 404 again for a classic token, 401 for a write without any token.
 * https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
 *
 * @param name `owner/name` from the path
 * @param permission for example `contents`
 * @param path of the documentation page that the refusal names
 */
export function authorize(
  all: Repository[],
  request: Request,
  need: { name: string; permission: string; access: 'read' | 'write' },
  path = '',
): { repository: Repository } | { refused: Response } {
  const repository = findRepository(all, need.name)
  const token = tokenOf(request)
  if (repository === undefined) {
    return { refused: notFound(path) }
  }
  if (token === undefined) {
    if (repository.private) {
      return { refused: notFound(path) }
    }
    return need.access === 'read'
      ? { repository }
      : { refused: refusal(401, 'Requires authentication', path) }
  }
  const permissions = repository.tokens.get(token)
  if (permissions === undefined && repository.private) {
    return { refused: notFound(path) }
  }
  if (
    allows(permissions ?? {}, need.permission, need.access) ||
    (!repository.private && need.access === 'read')
  ) {
    return { repository }
  }
  return { refused: permissions === undefined ? notFound(path) : lacksPermission(token, path) }
}

function allows(permissions: Permissions, permission: string, access: 'read' | 'write'): boolean {
  return rank[permissions[permission] ?? 'none'] >= rank[access]
}

// Classic tokens have scopes, not permissions: what a scope does not cover does not exist for them.
function lacksPermission(token: string, path: string): Response {
  if (token.startsWith('github_pat_')) {
    return refusal(403, 'Resource not accessible by personal access token', path)
  }
  return token.startsWith('ghs_')
    ? refusal(403, 'Resource not accessible by integration', path)
    : notFound(path)
}
