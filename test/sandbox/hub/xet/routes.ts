import { Hono } from 'hono'
import { resolveRevision } from '../git/repositories.ts'
import type { Hub } from '../hub.ts'
import type { RouteContext, RouteEnv } from '../routes/request.ts'
import { isSet, REPOSITORY, repositoryOf, segments } from '../routes/request.ts'

function connection(hub: Hub, c: RouteContext): Response {
  const repository = repositoryOf(hub, c)
  const parts = segments(c)
  const access = parts[4] === 'xet-write-token' ? 'write' : 'read'
  const rev = parts[5] ?? ''
  const isForPullRequest = isSet(c, 'create_pr') || rev.startsWith('refs/pr/')
  if (access === 'write') {
    if (isForPullRequest) hub.access.requireDiscuss(c.get('token'), repository)
    else hub.access.requireWrite(c.get('token'), repository)
  }
  // A client that opens a pull request has no revision yet, and says `None`.
  if (!isForPullRequest) resolveRevision(repository, rev)
  const { casUrl, accessToken, exp } = hub.xet.connect({ repository, access })
  return c.json({ casUrl, exp, accessToken }, 200, {
    'x-xet-cas-url': casUrl,
    'x-xet-access-token': accessToken,
    'x-xet-token-expiration': String(exp),
  })
}

/**
 * Where to find the store behind Xet, and the token for it.
 * https://huggingface.co/docs/xet/auth
 */
export function xetRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  app.get(`${REPOSITORY}/:which{xet-(read|write)-token}/:rev`, (c) => connection(hub, c))
  return app
}
