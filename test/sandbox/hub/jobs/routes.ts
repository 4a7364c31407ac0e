import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { Account, Token } from '../accounts/accounts.ts'
import { HubRefusal } from '../errors.ts'
import type { Hub } from '../hub.ts'
import type { RouteContext, RouteEnv } from '../routes/request.ts'
import { intQuery, parseWith, readBody, segments } from '../routes/request.ts'
import { resolveVolume } from './container/volumes.ts'
import { HARDWARE } from './hardware.ts'
import { jobJson } from './job-json.ts'
import type { Job } from './jobs.ts'
import { STAGES } from './jobs.ts'
import { logStreamResponse } from './log-stream.ts'
import { checkSpec, jobBody, labelsSchema } from './spec.ts'

/** Not documented: clients must follow the Link header. */
const PAGE = 20

const listQuery = z.object({
  stage: z.array(z.enum(STAGES)),
  label: z.array(z.string().check(z.regex(/^[a-zA-Z0-9._-]+=[a-zA-Z0-9._-]*$/))),
  cursor: z.optional(z.string().check(z.maxLength(2048))),
})

const labelsBody = z.object({ labels: labelsSchema })

interface Caller {
  token: Token
  owner: Account
}

function caller(hub: Hub, c: RouteContext, permission: 'job.read' | 'job.write'): Caller {
  const namespace = segments(c)[2] ?? ''
  return hub.access.requireJobs(c.get('token'), namespace, permission)
}

function oneJob(hub: Hub, c: RouteContext, permission: 'job.read' | 'job.write'): Job {
  return hub.jobs.get(caller(hub, c, permission).owner, segments(c)[3] ?? '')
}

async function create(hub: Hub, c: RouteContext): Promise<Response> {
  const { token, owner } = caller(hub, c, 'job.write')
  const spec = checkSpec(await readBody(c, jobBody))
  if (!hub.jobs.hasCredits(owner)) {
    throw new HubRefusal(402, 'Pre-paid credit balance is insufficient. Add credits in the billing settings.')
  }
  const mounts = (spec.volumes ?? []).map((volume) =>
    resolveVolume(volume, (type, name) => hub.access.requireRead(token, hub.repositories.find(type, name))),
  )
  const job = hub.jobs.start({ owner, createdBy: token.user, spec, mounts })
  return c.json(jobJson(job, hub.address.url))
}

function matching(hub: Hub, c: RouteContext): { jobs: Job[]; cursor: string | undefined } {
  const { owner } = caller(hub, c, 'job.read')
  const { stage, label, cursor } = parseWith(listQuery, {
    stage: c.req.queries('stage') ?? [],
    label: c.req.queries('label') ?? [],
    cursor: c.req.query('cursor'),
  })
  const jobs = hub.jobs.all
    .filter((job) => job.owner.id === owner.id)
    .filter((job) => stage.length === 0 || stage.includes(job.stage))
    .filter((job) => label.every((each) => job.labels[each.split('=')[0] ?? ''] === each.split('=')[1]))
    .toReversed()
  return { jobs, cursor }
}

function list(hub: Hub, c: RouteContext): Response {
  const { jobs, cursor } = matching(hub, c)
  const start = cursor === undefined ? 0 : jobs.findIndex(({ id }) => id === cursor) + 1
  const page = jobs.slice(start, start + PAGE)
  if (start + PAGE < jobs.length) {
    const url = new URL(c.req.url)
    url.searchParams.set('cursor', page.at(-1)?.id ?? '')
    c.header('link', `<${hub.address.url}${url.pathname}${url.search}>; rel="next"`)
  }
  return c.json(page.map((job) => jobJson(job, hub.address.url)))
}

function logs(hub: Hub, c: RouteContext): Response {
  const job = oneJob(hub, c, 'job.read')
  const habit = job.streamHabits.shift()
  const isTail = c.req.query('tail') !== undefined
  return logStreamResponse({
    book: job.log,
    keepAliveMs: hub.jobs.keepAliveMs,
    ...(isTail && { tail: intQuery(c, 'tail', { default: 0, min: 0, max: Number.MAX_SAFE_INTEGER }) }),
    ...(habit !== undefined && { habit }),
  })
}

/**
 * Hugging Face Jobs.
 * https://huggingface.co/docs/hub/api#jobs
 */
export function jobRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  const one = '/api/jobs/:namespace/:id'

  app.get('/api/jobs/hardware', (c) => c.json(HARDWARE))
  app.post('/api/jobs/:namespace', (c) => create(hub, c))
  app.get('/api/jobs/:namespace', (c) => list(hub, c))
  app.get('/api/jobs/:namespace/count', (c) => c.json({ count: matching(hub, c).jobs.length }))
  app.get(one, (c) => c.json(jobJson(oneJob(hub, c, 'job.read'), hub.address.url)))
  app.get(`${one}/logs`, (c) => logs(hub, c))

  app.post(`${one}/cancel`, (c) => {
    const job = oneJob(hub, c, 'job.write')
    if (!hub.jobs.cancel(job)) throw new HubRefusal(409, 'The Job has already ended')
    return c.json(jobJson(job, hub.address.url))
  })

  app.put(`${one}/labels`, async (c) => {
    const job = oneJob(hub, c, 'job.write')
    job.labels = (await readBody(c, labelsBody)).labels
    return c.json(jobJson(job, hub.address.url))
  })
  return app
}
