import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { shell } from '../../../hub/jobs/try-jobs.ts'
import { readSchedule } from '../../../hub/schedules/schedule-times.ts'
import type { SandboxHub } from '../../../hub/start.ts'
import { startHub } from '../../../hub/start.ts'

let time: number
let hub: SandboxHub

beforeEach(async () => {
  time = Date.parse('2026-01-01T00:30:00Z')
  hub = await startHub({ now: () => new Date(time) })
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.addToken({ user: 'ann', token: 'hf_read', role: 'read' })
  hub.addUser({ name: 'eve', token: 'hf_eve' })
})
afterEach(() => hub.close())

async function call(path: string, options: { body?: object; method?: string; token?: string } = {}) {
  const { body, method = body === undefined ? 'GET' : 'POST', token = 'hf_ann' } = options
  const response = await fetch(`${hub.url}/api/scheduled-jobs/ann${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, answer: await response.json() }
}

const order = (change: object = {}, job: object = {}) => ({
  jobSpec: shell('echo run', { secrets: { HF_TOKEN: 'hf_secret' }, labels: { a: 'b' }, ...job }),
  schedule: '@hourly',
  ...change,
})

const create = async (change?: object, job?: object) =>
  (await call('', { body: order(change, job) })).answer as { id: string }

describe('A schedule', () => {
  test.each([
    ['@hourly', '2026-01-01T01:00:00Z'],
    ['@daily', '2026-01-02T00:00:00Z'],
    ['@weekly', '2026-01-04T00:00:00Z'],
    ['@monthly', '2026-02-01T00:00:00Z'],
    ['@yearly', '2027-01-01T00:00:00Z'],
    ['*/20 * * * *', '2026-01-01T00:40:00Z'],
    ['30 0 * * *', '2026-01-02T00:30:00Z'],
    ['0 9 * * 1', '2026-01-05T09:00:00Z'],
    ['0 9 * * 7', '2026-01-04T09:00:00Z'],
    ['0 0 13,20 * *', '2026-01-13T00:00:00Z'],
    ['0 0 13 * 5', '2026-01-02T00:00:00Z'],
    ['0 8-10 * * *', '2026-01-01T08:00:00Z'],
    ['15 30 0 * * *', '2026-01-01T00:30:15Z'],
    ['0 0 0 29 2 * 2028', '2028-02-29T00:00:00Z'],
  ])('%s is due next at %s.', (schedule, next) => {
    expect(readSchedule(schedule).after(new Date(time))).toEqual(new Date(next))
  })

  test('One that no day fits is never due.', () => {
    expect(readSchedule('0 0 31 2 *').after(new Date(time))).toBeUndefined()
  })

  test.each(['hourly', '* * * *', '0 9 * * MON', '0 0 1-5/2 * *', '0 0 1-3,5 * *', '? * * * *', ''])(
    '"%s" is refused.',
    async (schedule) => {
      expect((await call('', { body: order({ schedule }) })).status).toBe(400)
    },
  )
})

describe('A scheduled Job', () => {
  test('It shows its next run, its owner and its secrets by name only.', async () => {
    const { answer } = await call('', { body: order() })
    expect(answer).toMatchObject({
      type: 'scheduled-job',
      schedule: '@hourly',
      suspend: false,
      concurrency: false,
      status: { lastJob: null, nextJobRunAt: '2026-01-01T01:00:00.000Z' },
      owner: { name: 'ann', type: 'user' },
      jobSpec: { secrets: ['HF_TOKEN'], labels: { a: 'b' }, flavor: 'cpu-basic' },
    })
    expect(JSON.stringify(answer)).not.toContain('hf_secret')
    expect((await call('')).answer).toEqual([answer])
    expect((await call('?label=a=c')).answer).toEqual([])
  })

  test('It starts when it is due, once however long nobody looked, and says which schedule it was.', async () => {
    const { id } = await create()
    expect(hub.state.schedules.runDue()).toEqual([])
    time = Date.parse('2026-01-01T03:10:00Z')
    const [job, ...others] = hub.state.schedules.runDue()
    expect(others).toEqual([])
    const seen = await call(`/${id}`)
    expect(seen.answer.status).toEqual({
      lastJob: { id: job?.id, at: '2026-01-01T03:10:00.000Z' },
      nextJobRunAt: '2026-01-01T04:00:00.000Z',
    })
    await hub.jobs.settled()
    expect(job).toMatchObject({ stage: 'COMPLETED', initiator: { type: 'scheduled-job', id } })
  })

  test('While one runs, no second starts unless it may.', async () => {
    const { id } = await create({}, shell('sleep 30'))
    const other = await create({ concurrency: true }, shell('sleep 30'))
    const statuses = []
    for (const each of [id, id, other.id, other.id]) {
      statuses.push((await call(`/${each}/run`, { method: 'POST' })).status)
    }
    expect(statuses).toEqual([200, 409, 200, 200])
    time = Date.parse('2026-01-01T01:00:00Z')
    expect(hub.state.schedules.runDue()).toHaveLength(1)
  })

  test('A suspended one does not start by itself, and goes on after it is resumed.', async () => {
    const { id } = await create()
    await call(`/${id}/suspend`, { method: 'POST' })
    expect((await call(`/${id}`)).answer).toMatchObject({ suspend: true, status: { nextJobRunAt: null } })
    time = Date.parse('2026-01-01T01:00:00Z')
    expect(hub.state.schedules.runDue()).toEqual([])
    await call(`/${id}/resume`, { method: 'POST' })
    time = Date.parse('2026-01-01T02:00:00Z')
    expect(hub.state.schedules.runDue()).toHaveLength(1)
  })

  test('Its time and its labels can be changed, and it can be deleted.', async () => {
    const { id } = await create()
    const moved = await call(`/${id}/schedule`, { body: { schedule: '@daily' } })
    expect(moved.answer.status.nextJobRunAt).toBe('2026-01-02T00:00:00.000Z')
    expect((await call(`/${id}/schedule`, { body: { schedule: 'daily' } })).status).toBe(400)
    const labelled = await call(`/${id}/labels`, { body: { labels: { c: 'd' } }, method: 'PUT' })
    expect(labelled.answer.jobSpec.labels).toEqual({ c: 'd' })
    expect((await call(`/${id}`, { method: 'DELETE' })).status).toBe(200)
    expect((await call(`/${id}`)).status).toBe(404)
  })

  test('A token that may not start Jobs can look, and a stranger cannot even that.', async () => {
    const { id } = await create()
    const statuses = await Promise.all([
      call('', { token: 'hf_read' }),
      call('', { body: order(), token: 'hf_read' }),
      call(`/${id}/run`, { method: 'POST', token: 'hf_read' }),
      call(`/${id}`, { token: 'hf_eve' }),
    ])
    expect(statuses.map(({ status }) => status)).toEqual([200, 403, 403, 403])
  })

  test('Without credits it cannot be run.', async () => {
    const { id } = await create()
    hub.jobs.setCredits('ann', false)
    expect((await call(`/${id}/run`, { method: 'POST' })).status).toBe(402)
  })
})
