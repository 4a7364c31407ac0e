import { Hono } from 'hono'
import * as z from 'zod/mini'
import { badRequest, HubRefusal, revisionNotFound } from '../errors.ts'
import { updateRef } from '../git/changes.ts'
import { squashHistory } from '../git/history.ts'
import type { Repository } from '../git/repositories.ts'
import { MAIN, resolveRevision } from '../git/repositories.ts'
import type { Hub } from '../hub.ts'
import type { RouteContext, RouteEnv } from './request.ts'
import { REPOSITORY, readBody, repositoryOf, segments } from './request.ts'

const tagBody = z.object({ tag: z.string(), message: z.optional(z.string()) })

const branchBody = z.object({
  startingPoint: z.optional(z.string()),
  emptyBranch: z.optional(z.boolean()),
  overwrite: z.optional(z.boolean()),
})

const squashBody = z.object({ message: z.optional(z.string().check(z.maxLength(500))) })

/** The rules of `git check-ref-format`, as far as a name can be typed by hand. */
const BAD_NAME = /[\s~^:?*[\\\0-\x20\x7f]|\.\.|@\{|\/\/|^\/|\/$|\.$|\.lock$|(^|\/)\.|^refs\/|^-/

function checkName(name: string): string {
  if (name === '' || BAD_NAME.test(name)) throw badRequest(`Invalid ref name: ${name}`)
  return name
}

function writable(hub: Hub, c: RouteContext): Repository {
  const repository = repositoryOf(hub, c)
  hub.access.requireWrite(c.get('token'), repository)
  return repository
}

function remove(hub: Hub, repository: Repository, ref: string): Response {
  if (ref === MAIN) throw badRequest('The main branch cannot be deleted')
  if (!repository.refs.has(ref)) throw revisionNotFound(ref)
  updateRef(hub, repository, ref, null)
  return new Response(null, { status: 204 })
}

/**
 * Branches and tags: made with POST, removed with DELETE; a branch's history squashed with POST.
 * https://huggingface.co/docs/hub/api
 */
export function refRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()

  app.post(`${REPOSITORY}/tag/:rev`, async (c) => {
    const repository = writable(hub, c)
    const { tag } = await readBody(c, tagBody)
    const ref = `refs/tags/${checkName(tag)}`
    const { sha } = resolveRevision(repository, segments(c)[5] ?? '')
    if (repository.refs.has(ref)) throw new HubRefusal(409, `Tag ${tag} already exists`)
    updateRef(hub, repository, ref, sha)
    return c.json({})
  })

  app.delete(`${REPOSITORY}/tag/:tag`, (c) => remove(hub, writable(hub, c), `refs/tags/${segments(c)[5]}`))

  app.post(`${REPOSITORY}/branch/:branch`, async (c) => {
    const repository = writable(hub, c)
    const branch = checkName(segments(c)[5] ?? '')
    const { startingPoint = 'main', emptyBranch = false, overwrite = false } = await readBody(c, branchBody)
    if (emptyBranch) throw badRequest('The sandbox Hub makes no empty branches')
    const ref = `refs/heads/${branch}`
    const { sha } = resolveRevision(repository, startingPoint)
    if (repository.refs.has(ref) && !overwrite) {
      throw new HubRefusal(409, `Reference already exists: ${ref}`)
    }
    updateRef(hub, repository, ref, sha)
    return c.json({})
  })

  app.post(`${REPOSITORY}/super-squash/:branch`, async (c) => {
    const repository = repositoryOf(hub, c)
    const { user } = hub.access.requireWrite(c.get('token'), repository)
    const { message } = await readBody(c, squashBody)
    const made = squashHistory(hub, repository, {
      branch: segments(c)[5] ?? '',
      author: user,
      ...(message !== undefined && { message }),
    })
    return c.json({ commitId: made.sha })
  })

  app.delete(`${REPOSITORY}/branch/:branch`, (c) =>
    remove(hub, writable(hub, c), `refs/heads/${segments(c)[5]}`),
  )
  return app
}
