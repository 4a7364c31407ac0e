import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { Token } from '../accounts/accounts.ts'
import { badRequest, HubRefusal } from '../errors.ts'
import type { Hub } from '../hub.ts'
import type { Watched, Webhook } from '../webhooks/webhooks.ts'
import type { RouteContext, RouteEnv } from './request.ts'
import { readBody, segments } from './request.ts'

const body = z.object({
  watched: z
    .array(
      z.object({
        type: z.enum(['dataset', 'model', 'space', 'bucket', 'kernel', 'user', 'org']),
        name: z.string(),
      }),
    )
    .check(z.minLength(1)),
  domains: z.array(z.enum(['repo', 'discussion'])).check(z.minLength(1)),
  url: z.optional(z.url({ protocol: /^https?$/ })),
  job: z.optional(z.unknown()),
  jobSourceId: z.optional(z.string()),
  secret: z.optional(z.string().check(z.regex(/^[\x20-\x7F]*$/))),
})

function webhookJson(webhook: Webhook) {
  const { id, url, watched, domains, secret, disabled, lastTriggerAt } = webhook
  return {
    id,
    url,
    watched,
    domains,
    hasSecret: secret !== '',
    disabled,
    ...(lastTriggerAt !== undefined && { lastTriggerAt: lastTriggerAt.toISOString() }),
  }
}

function checkWatched(hub: Hub, token: Token, watched: readonly Watched[]): void {
  for (const { type, name } of watched) {
    const repository = type === 'dataset' || type === 'model' ? hub.repositories.find(type, name) : undefined
    const isRepository = repository !== undefined && hub.access.canRead(token, repository)
    const isAccount = hub.accounts.find(name)?.type === type
    if (!isRepository && !isAccount) throw badRequest(`There is no ${type} ${name} to watch`)
  }
}

async function readWebhook(hub: Hub, c: RouteContext, token: Token) {
  const read = await readBody(c, body)
  const targets = [read.url, read.job, read.jobSourceId].filter((target) => target !== undefined)
  if (targets.length !== 1) throw badRequest('Exactly one of url, job and jobSourceId must be given')
  if (read.url === undefined) throw badRequest('The sandbox Hub has no webhooks that start Jobs')
  checkWatched(hub, token, read.watched)
  const { url, watched, domains, secret } = read
  return { url, watched, domains, ...(secret !== undefined && { secret }) }
}

/**
 * The webhooks of the token's user. The secret never comes back.
 * https://huggingface.co/docs/hub/webhooks
 */
export function webhookRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  const all = '/api/settings/webhooks'
  const one = `${all}/:id`
  const owner = (c: RouteContext, permission: 'read' | 'write') =>
    hub.access.requireOwn(c.get('token'), `user.webhooks.${permission}`)
  const mine = (c: RouteContext, permission: 'read' | 'write') =>
    hub.webhooks.get(owner(c, permission).user, segments(c)[3] ?? '')

  app.get(all, (c) => c.json(hub.webhooks.ofOwner(owner(c, 'read').user).map(webhookJson)))

  app.post(all, async (c) => {
    const token = owner(c, 'write')
    const read = await readWebhook(hub, c, token)
    const webhook = hub.webhooks.add({ secret: '', ...read, owner: token.user })
    return c.json({ webhook: webhookJson(webhook) })
  })

  app.get(one, (c) => c.json({ webhook: webhookJson(mine(c, 'read')) }))

  app.post(one, async (c) => {
    const webhook = mine(c, 'write')
    Object.assign(webhook, await readWebhook(hub, c, owner(c, 'write')))
    return c.json({ webhook: webhookJson(webhook) })
  })

  app.post(`${one}/:action{enable|disable}`, (c) => {
    const webhook = mine(c, 'write')
    hub.webhooks.setEnabled(webhook, segments(c)[4] === 'enable')
    return c.json({ webhook: webhookJson(webhook) })
  })

  app.post(`${one}/replay/:delivery`, async (c) => {
    const webhook = mine(c, 'write')
    const delivery = hub.courier.deliveries.find(
      ({ id, webhookId }) => id === segments(c)[5] && webhookId === webhook.id,
    )
    if (delivery === undefined) throw new HubRefusal(404, 'Webhook log not found')
    const { status } = await hub.courier.replay(webhook, delivery)
    return c.json({ status: status ?? 0 })
  })

  app.delete(one, (c) => {
    hub.webhooks.remove(mine(c, 'write'))
    return c.json({})
  })
  return app
}
