import { Hono } from 'hono'
import * as z from 'zod/mini'
import { requireToken, type Token } from '../accounts/accounts.ts'
import { badRequest, HubRefusal } from '../errors.ts'
import { createRepository, deleteRepository, moveRepository, updateSettings } from '../git/changes.ts'
import { checkRepositoryName, type Repository } from '../git/repositories.ts'
import type { Hub } from '../hub.ts'
import { webUrl } from '../webhooks/webhook-payload.ts'
import type { RouteContext, RouteEnv } from './request.ts'
import { REPOSITORY, readBody, repositoryOf, requireRepository } from './request.ts'

const type = z._default(z.enum(['dataset', 'model']), 'model')
const visibility = z.optional(z.enum(['private', 'public', 'protected']))

const createBody = z.object({
  name: z.string(),
  organization: z.nullish(z.string()),
  type,
  private: z.nullish(z.boolean()),
  visibility,
  region: z.optional(z.enum(['us', 'eu'])),
  files: z.optional(
    z.array(
      z.object({ path: z.string(), content: z.string(), encoding: z.optional(z.enum(['utf-8', 'base64'])) }),
    ),
  ),
})

const deleteBody = z.object({ name: z.string(), organization: z.nullish(z.string()), type })

const moveBody = z.object({ fromRepo: z.string(), toRepo: z.string(), type })

const settingsBody = z.object({
  private: z.optional(z.boolean()),
  visibility,
  discussionsDisabled: z.optional(z.boolean()),
})

async function create(hub: Hub, c: RouteContext): Promise<Response> {
  const token = requireToken(c.get('token'))
  const body = await readBody(c, createBody)
  const namespace = body.organization ?? token.user.name
  checkRepositoryName(body.name)
  const owner = hub.access.requireNamespace(token, namespace, `create a ${body.type}`)
  const name = `${owner.name}/${body.name}`
  const url = webUrl(hub.address.url, { type: body.type, name })
  if (hub.repositories.find(body.type, name) !== undefined) {
    throw new HubRefusal(409, `You already created this ${body.type} repo`, { extra: { url } })
  }
  const files = (body.files ?? []).map(({ path, content, encoding }): [string, Uint8Array] => [
    path,
    Buffer.from(content, encoding ?? 'utf-8'),
  ])
  const repository = createRepository(hub, {
    type: body.type,
    name,
    owner,
    author: token.user,
    private: body.private ?? body.visibility === 'private',
    madeBy: token.value,
    ...(body.region !== undefined && { region: body.region }),
    files: Object.fromEntries(files),
  })
  return c.json({ url, name, id: repository.id })
}

async function move(hub: Hub, c: RouteContext): Promise<Response> {
  const token = requireToken(c.get('token'))
  const { fromRepo, toRepo, type: repoType } = await readBody(c, moveBody)
  const repository = requireRepository(hub, c, { type: repoType, name: fromRepo })
  const [toNamespace = '', toName = '', ...rest] = toRepo.split('/')
  if (rest.length > 0 || toName === '') throw badRequest('toRepo must be of the form namespace/name')
  checkRepositoryName(toName)
  hub.access.requireNamespace(token, repository.owner.name, 'move a repo')
  const owner = hub.access.requireNamespace(token, toNamespace, 'move a repo')
  moveRepository(hub, repository, { name: `${owner.name}/${toName}`, owner })
  return c.text('OK')
}

async function remove(hub: Hub, c: RouteContext): Promise<Response> {
  const token = requireToken(c.get('token'))
  const body = await readBody(c, deleteBody)
  const namespace = body.organization ?? token.user.name
  const name = `${namespace}/${body.name}`
  const repository = requireRepository(hub, c, { type: body.type, name })
  if (!hub.access.canWrite(token, repository)) hub.access.requireNamespace(token, namespace, 'delete a repo')
  deleteRepository(hub, repository)
  return c.text('OK')
}

/**
 * Repositories themselves: create, delete, move, settings, and what a token may do there.
 * https://huggingface.co/docs/hub/api
 */
export function repositoryRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  app.post('/api/repos/create', (c) => create(hub, c))
  app.delete('/api/repos/delete', (c) => remove(hub, c))
  app.post('/api/repos/move', (c) => move(hub, c))
  app.get(`${REPOSITORY}/auth-check`, (c) => {
    requireAdmission(repositoryOf(hub, c), c.get('token'))
    return c.text('OK')
  })
  app.get(`${REPOSITORY}/auth-check/write`, (c) => {
    hub.access.requireWrite(c.get('token'), repositoryOf(hub, c))
    return c.text('OK')
  })
  app.put(`${REPOSITORY}/settings`, async (c) => {
    const repository = repositoryOf(hub, c)
    hub.access.requireWrite(c.get('token'), repository)
    const body = await readBody(c, settingsBody)
    const isPrivate = body.private ?? (body.visibility && body.visibility === 'private')
    updateSettings(hub, repository, {
      ...(isPrivate !== undefined && { private: isPrivate }),
      ...(body.discussionsDisabled !== undefined && { discussionsDisabled: body.discussionsDisabled }),
    })
    return c.json({
      private: repository.private,
      visibility: repository.private ? 'private' : 'public',
      discussionsDisabled: repository.discussionsDisabled,
      gated: false,
    })
  })
  return app
}

/** The files of a gated repository are for its owner and the accounts that were let in. */
function requireAdmission({ name, owner, admitted }: Repository, token: Token | undefined): void {
  const user = token?.user.name
  if (admitted === null || (user !== undefined && (admitted.has(user) || owner.name === user))) return
  throw new HubRefusal(
    403,
    `Access to model ${name} is restricted and you are not in the authorized list. Visit its page to ask for access.`,
    { code: 'GatedRepo' },
  )
}
