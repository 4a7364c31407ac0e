import { Hono } from 'hono'
import { xetHash } from '../git/git-objects.ts'
import { type Repository, resolveRevision } from '../git/repositories.ts'
import type { Hub } from '../hub.ts'
import type { RouteContext, RouteEnv } from '../routes/request.ts'
import { isSet, REPOSITORY, repositoryOf, segments } from '../routes/request.ts'
import type { XetPlace } from './xet-store.ts'

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
  return xetConnection(hub, c, { place: placeOf(repository), access })
}

/** A repository keeps files by their sha256, without which it takes none. */
function placeOf({ lfs, withoutXet }: Repository): XetPlace {
  return {
    find(hash) {
      const found = [...lfs].find(([oid]) => xetHash(oid) === hash)
      return found === undefined || withoutXet.has(found[0]) ? undefined : found[1]
    },
    keep({ sha256 }, content) {
      if (sha256 === undefined) throw new RangeError('A file of the shard lacks its sha256.')
      lfs.set(sha256, content)
      withoutXet.delete(sha256)
    },
  }
}

/** @returns the answer that leads a client to the store, with a token for one place */
export function xetConnection(
  hub: Hub,
  c: RouteContext,
  permit: { place: XetPlace; access: 'read' | 'write' },
): Response {
  const { casUrl, accessToken, exp } = hub.xet.connect(permit)
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
