import type { Context } from 'hono'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { Hub } from '../hub.ts'
import type { RouteEnv } from '../routes/request.ts'
import type { Account } from './accounts.ts'

const LIFETIME_SECONDS = 3600

const exchangeBody = z.object({
  grant_type: z.literal('urn:ietf:params:oauth:grant-type:token-exchange'),
  subject_token_type: z.literal('urn:ietf:params:oauth:token-type:id_token'),
  subject_token: z.string().check(z.minLength(1)),
  resource: z.string().check(z.minLength(1)),
})

interface Scope {
  owner: Account
  /** The one repository that may be written to; none for a token that only reads. */
  entity?: { type: 'dataset' | 'model'; name: string }
}

function scopeOf(hub: Hub, resource: string): Scope | undefined {
  const parts = resource.split('/')
  const isDataset = parts[0] === 'datasets' && parts.length === 3
  const type = isDataset ? 'dataset' : 'model'
  const name = isDataset ? parts.slice(1).join('/') : resource
  if (parts.length === 1) {
    const owner = hub.accounts.find(resource)
    return owner?.type === 'user' ? { owner } : undefined
  }
  const repository = hub.repositories.find(type, name)
  return repository === undefined ? undefined : { owner: repository.owner, entity: { type, name } }
}

async function exchange(hub: Hub, c: Context): Promise<Response> {
  const refuse = (error: string, description: string) =>
    c.json({ error, error_description: description }, 400)
  const read = exchangeBody.safeParse(await c.req.json().catch(() => undefined))
  if (!read.success) return refuse('invalid_request', z.prettifyError(read.error))
  const { subject_token: idToken, resource } = read.data
  const scope = scopeOf(hub, resource)
  const proof = { resource, audience: hub.address.url, now: hub.now() }
  if (scope === undefined || !hub.publishers.accepts(idToken, proof)) {
    return refuse('invalid_grant', 'No trusted publisher matches the token')
  }
  const { owner, entity } = scope
  const token = `hf_jwt_${hub.newId()}${hub.newId()}`
  hub.accounts.addExchanged({
    token,
    // What it does is not put down to a person, though the rights are the owner's.
    user: { ...hub.accounts.writerFor(owner), name: '[OIDC]', fullname: '[OIDC]' },
    permissions: entity === undefined ? {} : { scoped: [{ entity, permissions: ['repo.write'] }] },
    expiresAt: new Date(hub.now().getTime() + LIFETIME_SECONDS * 1000),
  })
  return c.json({
    access_token: token,
    token_type: 'bearer',
    expires_in: LIFETIME_SECONDS,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  })
}

/**
 * The exchange of a CI job's id token for a token of the Hub that lasts an hour.
 * https://huggingface.co/docs/hub/trusted-publishers
 */
export function oauthRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  app.post('/oauth/token', (c) => exchange(hub, c))
  return app
}
