import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { Hub } from '../hub.ts'
import { accountJson, jobJson, specJson } from '../jobs/job-json.ts'
import { checkSpec, jobBody, labelsSchema } from '../jobs/spec.ts'
import type { RouteContext, RouteEnv } from '../routes/request.ts'
import { parseWith, readBody, segments } from '../routes/request.ts'
import type { ScheduledJob } from './schedules.ts'

const schedule = z.string().check(z.maxLength(200))

const createBody = z.object({
  jobSpec: jobBody,
  schedule,
  suspend: z._default(z.boolean(), false),
  concurrency: z._default(z.boolean(), false),
})

const scheduleBody = z.object({ schedule })
const labelsBody = z.object({ labels: labelsSchema })

/** One label at most, unlike the list of Jobs. */
const label = z.optional(z.string().check(z.regex(/^[a-zA-Z0-9._-]+=[a-zA-Z0-9._-]*$/)))

function scheduledJson(hub: Hub, scheduled: ScheduledJob) {
  const { id, createdAt, suspend, concurrency, lastJob, nextRunAt, owner, token, spec } = scheduled
  return {
    type: 'scheduled-job',
    id,
    createdAt: createdAt.toISOString(),
    schedule: scheduled.schedule,
    suspend,
    concurrency,
    status: {
      lastJob: lastJob === undefined ? null : { id: lastJob.id, at: lastJob.createdAt.toISOString() },
      nextJobRunAt: suspend ? null : (nextRunAt?.toISOString() ?? null),
    },
    owner: accountJson(owner, hub.address),
    initiator: accountJson(token.user, hub.address),
    jobSpec: specJson({ spec, secretNames: Object.keys(spec.secrets), labels: spec.labels ?? {} }),
  }
}

function caller(hub: Hub, c: RouteContext, access: 'read' | 'write') {
  return hub.access.requireJobs(c.get('token'), segments(c)[2] ?? '', access)
}

async function create(hub: Hub, c: RouteContext): Promise<Response> {
  const { token, owner } = caller(hub, c, 'write')
  const { jobSpec, ...rest } = await readBody(c, createBody)
  const scheduled = hub.schedules.add({ ...rest, spec: checkSpec(jobSpec), owner, token })
  return c.json(scheduledJson(hub, scheduled))
}

function list(hub: Hub, c: RouteContext): Response {
  const { owner } = caller(hub, c, 'read')
  const [name, value] = parseWith(label, c.req.query('label'))?.split('=') ?? []
  const found = hub.schedules
    .of(owner)
    .filter(({ spec }) => name === undefined || spec.labels?.[name] === value)
  return c.json(found.map((scheduled) => scheduledJson(hub, scheduled)))
}

/**
 * Scheduled Jobs.
 * https://huggingface.co/docs/hub/api#jobs
 */
export function scheduleRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  const all = '/api/scheduled-jobs/:namespace'
  const one = `${all}/:id`
  const found = (c: RouteContext, access: 'read' | 'write') =>
    hub.schedules.get(caller(hub, c, access).owner, segments(c)[3] ?? '')

  app.post(all, (c) => create(hub, c))
  app.get(all, (c) => list(hub, c))
  app.get(one, (c) => c.json(scheduledJson(hub, found(c, 'read'))))
  app.delete(one, (c) => {
    hub.schedules.remove(found(c, 'write'))
    return c.json({})
  })
  app.post(`${one}/:action{suspend|resume}`, (c) => {
    found(c, 'write').suspend = segments(c)[4] === 'suspend'
    return c.json({})
  })
  app.post(`${one}/run`, (c) => {
    const job = hub.schedules.run(found(c, 'write'))
    return c.json(jobJson(job, { url: hub.address.url, now: hub.now() }))
  })
  app.post(`${one}/schedule`, async (c) => {
    const scheduled = found(c, 'write')
    hub.schedules.reschedule(scheduled, (await readBody(c, scheduleBody)).schedule)
    return c.json(scheduledJson(hub, scheduled))
  })
  app.put(`${one}/labels`, async (c) => {
    const scheduled = found(c, 'write')
    const { labels } = await readBody(c, labelsBody)
    scheduled.spec = { ...scheduled.spec, labels }
    return c.json(scheduledJson(hub, scheduled))
  })
  return app
}
