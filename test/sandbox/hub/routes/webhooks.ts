import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { Token } from '../accounts/accounts.ts'
import { badRequest, HubRefusal } from '../errors.ts'
import type { Hub } from '../hub.ts'
import type { JobSpec } from '../jobs/spec.ts'
import { checkSpec, jobBody } from '../jobs/spec.ts'
import { jobLike, sourceJob } from '../webhooks/webhook-jobs.ts'
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
  job: z.optional(jobBody),
  jobSourceId: z.optional(z.string()),
  /** For `jobSourceId`: the secrets of that Job are not copied. */
  secrets: z.optional(z.record(z.string(), z.string())),
  secret: z.optional(z.string().check(z.regex(/^[\x20-\x7F]*$/))),
})

/** Volumes and the kind of processor are not shown, and secrets by name only. */
function webhookJobJson(spec: JobSpec) {
  const { dockerImage, environment, arguments: args, command, flavor, timeoutSeconds, labels } = spec
  const secrets = Object.keys(spec.secrets)
  return { dockerImage, environment, arguments: args, command, flavor, timeoutSeconds, labels, secrets }
}

function webhookJson(webhook: Webhook) {
  const { id, url, job, watched, domains, secret, disabled, lastTriggerAt } = webhook
  return {
    id,
    ...(job === undefined ? { url } : { job: webhookJobJson(job.spec) }),
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

/** What a webhook starts, if it starts anything: its owner pays, so that the token has to be one for Jobs. */
function specOf(
  hub: Hub,
  token: Token,
  { job, jobSourceId, secrets }: z.infer<typeof body>,
): JobSpec | undefined {
  if (secrets !== undefined && jobSourceId === undefined) throw badRequest('secrets go with jobSourceId')
  if (job === undefined && jobSourceId === undefined) return undefined
  hub.access.requireJobs(token, token.user.name, 'write')
  if (job !== undefined) return checkSpec(job)
  return jobLike(sourceJob(hub, token, jobSourceId ?? ''), secrets ?? {})
}

async function readWebhook(hub: Hub, c: RouteContext, token: Token) {
  const read = await readBody(c, body)
  const targets = [read.url, read.job, read.jobSourceId].filter((target) => target !== undefined)
  if (targets.length !== 1) throw badRequest('Exactly one of url, job and jobSourceId must be given')
  checkWatched(hub, token, read.watched)
  const { url = '', watched, domains, secret } = read
  const spec = specOf(hub, token, read)
  return {
    url,
    job: spec === undefined ? undefined : { spec, token },
    watched,
    domains,
    ...(secret !== undefined && { secret }),
  }
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
