import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { Account, Token } from '../accounts/accounts.ts'
import { HubRefusal } from '../errors.ts'
import type { Hub } from '../hub.ts'
import type { RouteContext, RouteEnv } from '../routes/request.ts'
import { intQuery, parseWith, readBody, segments } from '../routes/request.ts'
import { HARDWARE } from './hardware.ts'
import { jobJson } from './job-json.ts'
import type { Job } from './jobs.ts'
import { jobNotFound, STAGES } from './jobs.ts'
import { logStreamResponse } from './log-stream.ts'
import { orderJob } from './order.ts'
import type { View } from './sight.ts'
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

function caller(hub: Hub, c: RouteContext, access: 'read' | 'write'): Caller {
  const namespace = segments(c)[2] ?? ''
  return hub.access.requireJobs(c.get('token'), namespace, access)
}

function oneJob(hub: Hub, c: RouteContext, view: Exclude<View, 'list'>): Job {
  const { owner } = caller(hub, c, view === 'write' ? 'write' : 'read')
  const job = hub.jobs.get(owner, segments(c)[3] ?? '')
  if (!hub.jobs.sees(job, view)) throw jobNotFound()
  return job
}

const show = (hub: Hub, job: Job) => jobJson(job, { url: hub.address.url, now: hub.now() })

async function create(hub: Hub, c: RouteContext): Promise<Response> {
  const { token, owner } = caller(hub, c, 'write')
  const spec = checkSpec(await readBody(c, jobBody))
  const job = orderJob(hub, { token, owner, spec })
  return c.json(show(hub, job))
}

function matching(hub: Hub, c: RouteContext): { jobs: Job[]; cursor: string | undefined } {
  const { owner } = caller(hub, c, 'read')
  const { stage, label, cursor } = parseWith(listQuery, {
    stage: c.req.queries('stage') ?? [],
    label: c.req.queries('label') ?? [],
    cursor: c.req.query('cursor'),
  })
  const jobs = hub.jobs.all
    .filter((job) => job.owner.id === owner.id && hub.jobs.sees(job, 'list'))
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
  return c.json(page.map((job) => show(hub, job)))
}

function logs(hub: Hub, c: RouteContext): Response {
  const job = oneJob(hub, c, 'logs')
  const habit = job.streamHabits.shift()
  const { logReplay, logTimes } = job.habits
  const replay = job.logConnections === 0 ? undefined : logReplay
  job.logConnections += 1
  const isTail = c.req.query('tail') !== undefined
  return logStreamResponse({
    book: job.log,
    keepAliveMs: hub.jobs.keepAliveMs,
    replay,
    times: logTimes,
    ...(isTail && { tail: intQuery(c, 'tail', { default: 0, min: 0, max: Number.MAX_SAFE_INTEGER }) }),
    ...(habit !== undefined && { habit }),
  })
}

/** Whether the token may see or start Jobs here; asks nothing else of the Hub. */
function authCheck(hub: Hub, c: RouteContext): Response {
  const parts = segments(c)
  const access = parts.at(-1) === 'write' ? 'write' : 'read'
  const { token, owner } = caller(hub, c, access)
  if (parts[4] === 'auth-check') oneJob(hub, c, access === 'write' ? 'write' : 'get')
  const named = ({ id, name }: Account) => ({ id, name })
  return c.json({ namespace: named(owner), user: named(token.user) })
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
  app.post('/api/jobs/:namespace/auth-check/:access{read|write}', (c) => authCheck(hub, c))
  app.post(`${one}/auth-check/:access{read|write}`, (c) => authCheck(hub, c))
  app.get('/api/jobs/:namespace/count', (c) => c.json({ count: matching(hub, c).jobs.length }))
  app.get(one, (c) => c.json(show(hub, oneJob(hub, c, 'get'))))
  app.get(`${one}/logs`, (c) => logs(hub, c))

  app.post(`${one}/cancel`, (c) => {
    const job = oneJob(hub, c, 'write')
    if (!hub.jobs.cancel(job)) throw new HubRefusal(409, 'The Job has already ended')
    return c.json(show(hub, job))
  })

  app.put(`${one}/labels`, async (c) => {
    const job = oneJob(hub, c, 'write')
    job.labels = (await readBody(c, labelsBody)).labels
    return c.json(show(hub, job))
  })
  return app
}
