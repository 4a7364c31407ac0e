import { notFound, refusal } from './github-answers.ts'
import { findRepository, type Permissions, type Repository } from './github-repositories.ts'

const rank = { none: 0, read: 1, write: 2 }

/** Returns the token of a request, undefined without one. GitHub accepts both `token` and `Bearer`. */
export function tokenOf(request: Request): string | undefined {
  return /^(?:token|bearer)\s+(\S+)\s*$/i.exec(request.headers.get('authorization') ?? '')?.[1]
}

/**
 * Returns 401 for an unknown token; undefined when the token is known or absent.
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
 * Returns the repository if the request's token has the permission there, otherwise GitHub's refusal: 404 when the
 * token cannot see the repository; 403 when a fine-grained or Actions token sees it but lacks the permission, 404 for a
 * classic token; 401 for a write without a token.
 * https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
 *
 * @param need.name `owner/name` from the path
 * @param need.permission for example `contents`
 * @param path of the documentation page that the refusal links to
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

// Classic tokens have scopes, not permissions: GitHub answers 404 for anything outside their scopes.
function lacksPermission(token: string, path: string): Response {
  if (token.startsWith('github_pat_')) {
    return refusal(403, 'Resource not accessible by personal access token', path)
  }
  return token.startsWith('ghs_')
    ? refusal(403, 'Resource not accessible by integration', path)
    : notFound(path)
}
