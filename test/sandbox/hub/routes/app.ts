import { Hono } from 'hono'
import type { Token } from '../accounts/accounts.ts'
import { oauthRoutes } from '../accounts/oauth-routes.ts'
import type { RateLimiter } from '../accounts/rate-limit.ts'
import { bucketRoutes } from '../buckets/routes.ts'
import { cardRoutes } from '../cards/routes.ts'
import { HubRedirect, HubRefusal, pageNotFound, refusalResponse } from '../errors.ts'
import { lfsRoutes } from '../git/lfs-routes.ts'
import type { Hub } from '../hub.ts'
import { jobRoutes } from '../jobs/routes.ts'
import { scheduleRoutes } from '../schedules/routes.ts'
import { xetRoutes } from '../xet/routes.ts'
import { discussionRoutes } from './discussions.ts'
import { fileRoutes } from './files.ts'
import { infoRoutes } from './info.ts'
import { refRoutes } from './refs.ts'
import { repositoryRoutes } from './repositories.ts'
import type { RouteEnv } from './request.ts'
import { treeRoutes } from './tree.ts'
import { uploadRoutes } from './upload.ts'
import { webhookRoutes } from './webhooks.ts'
import { whoamiRoutes } from './whoami.ts'

function answerFor(error: unknown): Response {
  if (error instanceof HubRefusal) return refusalResponse(error)
  if (error instanceof HubRedirect) {
    return new Response(`Temporary Redirect. Redirecting to ${error.location}`, {
      status: 307,
      headers: { location: error.location, 'content-type': 'text/plain; charset=utf-8' },
    })
  }
  throw error
}

/**
 * All routes of the Hub. Every answer carries a request id and what is left of the caller's quota; a bad token is
 * refused on any route, also one that needs none.
 *
 * @param hub what the routes work on
 * @param limiter counts requests
 * @returns the application
 */
export function createHubApp(hub: Hub, limiter: RateLimiter): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()

  app.use(async (c, next) => {
    const header = c.req.header('authorization')
    let token: Token | undefined
    let refusal: unknown
    try {
      token = hub.accounts.authenticate(header)
    } catch (error) {
      refusal = error
    }
    c.set('token', token)
    const { pathname } = new URL(c.req.url)
    const counted = limiter.count({ path: pathname, caller: token?.user.id ?? 'anonymous' })
    if (counted.refusal !== undefined) c.res = counted.refusal
    else if (refusal !== undefined) c.res = answerFor(refusal)
    else await next()
    const id = `Root=1-${hub.newId().slice(0, 8)}-${hub.newId()}`
    for (const [name, value] of Object.entries({ ...counted.headers, 'x-request-id': id })) {
      c.res.headers.set(name, value)
    }
  })

  app.onError((error) => answerFor(error))
  app.notFound(() => refusalResponse(pageNotFound()))
  const parts = [
    whoamiRoutes,
    oauthRoutes,
    repositoryRoutes,
    cardRoutes,
    bucketRoutes,
    infoRoutes,
    treeRoutes,
    uploadRoutes,
    lfsRoutes,
    xetRoutes,
    refRoutes,
    discussionRoutes,
    webhookRoutes,
    jobRoutes,
    scheduleRoutes,
    fileRoutes,
  ]
  for (const routes of parts) app.route('/', routes(hub))
  return app
}
