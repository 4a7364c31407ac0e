import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Job } from '../../hub/jobs/jobs.ts'
import type { JobTrial } from '../../hub/jobs/try-jobs.ts'
import { shell, spec, tryJobs } from '../../hub/jobs/try-jobs.ts'
import type { SandboxHub } from '../../hub/start.ts'
import { startHub } from '../../hub/start.ts'

// Real processes take their time on a machine that is busy with other suites.
let hub: SandboxHub
let now: number
let call: JobTrial['call']
let start: JobTrial['start']

async function startWith(jobs: object = {}): Promise<void> {
  now = Date.UTC(2026, 0, 2, 12)
  hub = await startHub({ now: () => new Date(now), jobs: { graceMs: 100, ...jobs } })
  hub.addUser({ name: 'ann', token: 'hf_ann', orgs: ['lab'] })
  hub.addUser({ name: 'eve', token: 'hf_eve', orgs: [{ name: 'lab', role: 'read' }] })
  hub.addToken({ token: 'hf_read', user: 'ann', role: 'read' })
  for (const permission of ['job.write', 'job.read']) {
    const permissions = {
      scoped: [{ entity: { type: 'user', name: 'ann' } as const, permissions: [permission] }],
    }
    hub.addToken({ token: `hf_${permission}`, user: 'ann', role: 'fineGrained', permissions })
  }
  ;({ call, start } = tryJobs(hub))
}

beforeEach(() => startWith())
afterEach(() => hub.close())

const endless = shell('sleep 600', { labels: { recipe: 'k' } })

/** Waits for real processes to get there. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}

async function startRunning(): Promise<Job> {
  const job = await start(endless)
  await until(() => job.stage === 'RUNNING')
  return job
}

const byId = async (job: Job) => (await call(`/ann/${job.id}`)).status
const listed = async (query = '') => (await call(`/ann${query}`)).answer.map(({ id }: { id: string }) => id)

describe('A Job that shows late', () => {
  test('It is neither found by id nor listed until its time has come, by the Hub clock.', async () => {
    await hub.close()
    await startWith({ shownAfterMs: 75_000 })
    const job = await start(spec())
    now += 74_999
    expect([await byId(job), await listed(), (await call('/ann/count')).answer]).toEqual([
      404,
      [],
      { count: 0 },
    ])
    now += 1
    expect([await byId(job), await listed()]).toEqual([200, [job.id]])
  })

  test('One Job alone can be late, and in the list alone.', async () => {
    hub.jobs.next({ shownAfterMs: { list: 60_000 } })
    const [late, other] = [await start(spec()), await start(spec())]
    expect([await byId(late), await listed()]).toEqual([200, [other.id]])
  })

  test('The Hub makes it although its answer was 504, or never came.', async () => {
    const path = /^\/api\/jobs\/ann$/
    hub.jobs.next({ shownAfterMs: 75_000 })
    hub.fault({ method: 'POST', path, status: 504, applied: true })
    expect(await call('/ann', { body: spec({ labels: { nonce: 'a' } }) })).toMatchObject({ status: 504 })
    hub.fault({ method: 'POST', path, reset: true, applied: true })
    await expect(call('/ann', { body: spec({ labels: { nonce: 'b' } }) })).rejects.toThrow()
    const [first, second] = hub.jobs.all.map(({ id }) => id)
    expect(await listed()).toEqual([second])
    now += 75_000
    expect(await listed('?label=nonce%3Da')).toEqual([first])
  })
})

describe('A Job that is hidden for a while', () => {
  test('It keeps running unseen, cannot be stopped, and shows again afterwards.', async () => {
    const job = await startRunning()
    const hiding = hub.jobs.hide()
    expect([await byId(job), await listed()]).toEqual([404, []])
    expect(await call(`/ann/${job.id}/cancel`, { method: 'POST' })).toMatchObject({ status: 404 })
    expect(await call(`/ann/${job.id}/logs`)).toMatchObject({ status: 404 })
    expect(job.stage).toBe('RUNNING')
    hiding.lift()
    expect([await byId(job), await listed()]).toEqual([200, [job.id]])
  })

  test('It can be one Job, one view and a time.', async () => {
    const [hidden, other] = [await start(spec()), await start(spec())]
    hub.jobs.hide({ job: ({ id }) => id === hidden.id, views: ['get'], forMs: 1000 })
    expect([await byId(hidden), await byId(other), await listed()]).toEqual([404, 200, [other.id, hidden.id]])
    now += 1000
    expect(await byId(hidden)).toBe(200)
  })
})

describe('A Job that the Hub does not run to its end', () => {
  test('It stays in SCHEDULING while no machine of its flavor is free.', async () => {
    hub.jobs.setFree('a10g-small', false)
    const waiting = await start(shell('true', { flavor: 'a10g-small' }))
    const other = await start(shell('true'))
    await until(() => other.stage === 'COMPLETED')
    now += 3 * 86_400_000
    expect((await call(`/ann/${waiting.id}`)).answer).toMatchObject({
      status: { stage: 'SCHEDULING' },
      durations: { schedulingSecs: 3 * 86_400, runningSecs: 0, totalSecs: 3 * 86_400 },
    })
    hub.jobs.setFree('a10g-small', true)
    await until(() => waiting.stage === 'COMPLETED')
  })

  test('It can be cancelled while it waits.', async () => {
    hub.jobs.setFree('cpu-basic', false)
    const job = await start(spec())
    expect(await call(`/ann/${job.id}/cancel`, { method: 'POST' })).toMatchObject({ status: 200 })
    expect((await call(`/ann/${job.id}`)).answer.status).toMatchObject({ stage: 'CANCELED' })
    await hub.jobs.settled()
  })

  test('Without credits it is cancelled with the reason, and no new one starts.', async () => {
    const job = await startRunning()
    hub.jobs.useUpCredits('ann')
    expect((await call(`/ann/${job.id}`)).answer.status).toEqual({
      stage: 'CANCELED',
      message: null,
      cancelReason: 'NO_CREDITS',
      failureCount: 0,
    })
    expect(await call('/ann', { body: spec() })).toMatchObject({ status: 402 })
    await hub.jobs.settled()
  })

  test('When its machine is gone it ends as an error with a message.', async () => {
    const job = await startRunning()
    hub.jobs.loseNode(job, 'The node was terminated.')
    expect((await call(`/ann/${job.id}`)).answer.status).toMatchObject({
      stage: 'ERROR',
      message: 'The node was terminated.',
    })
    await hub.jobs.settled()
  })
})

test('A restart of the Hub cuts its connections, and keeps its state.', async () => {
  const job = await startRunning()
  const headers = { authorization: 'Bearer hf_ann' }
  const log = await fetch(`${hub.url}/api/jobs/ann/${job.id}/logs`, { headers })
  hub.restart()
  await expect(log.text()).rejects.toThrow()
  expect((await call(`/ann/${job.id}`)).answer.status).toMatchObject({ stage: 'RUNNING' })
})

test('Durations are there at every stage, and those of a running Job grow.', async () => {
  const job = await startRunning()
  const durations = async () => (await call(`/ann/${job.id}`)).answer.durations
  expect(await durations()).toEqual({ schedulingSecs: 0, runningSecs: 0, totalSecs: 0 })
  now += 90_000
  expect(await durations()).toEqual({ schedulingSecs: 0, runningSecs: 90, totalSecs: 90 })
  await call(`/ann/${job.id}/cancel`, { method: 'POST' })
  now += 90_000
  expect(await durations()).toEqual({ schedulingSecs: 0, runningSecs: 90, totalSecs: 90 })
})

test('A list shows the labels, and several labels must all fit.', async () => {
  const both = { ledger: 'a', recipe: 'k' }
  const job = await start(spec({ labels: both }))
  await start(spec({ labels: { ledger: 'b', recipe: 'k' } }))
  await start(spec({ labels: { ledger: 'a' } }))
  expect((await call('/ann?label=ledger%3Da&label=recipe%3Dk')).answer).toMatchObject([
    { id: job.id, labels: both },
  ])
  expect(await listed('?label=ledger%3Da')).toHaveLength(2)
})

describe('The check of rights before anything is spent', () => {
  test.each([
    ['no token', '', 'ann', 401, 401],
    ['a bad token', 'hf_wrong', 'ann', 401, 401],
    ['a write token', 'hf_ann', 'ann', 200, 200],
    ['a read token', 'hf_read', 'ann', 200, 403],
    ['a fine-grained token with job.write', 'hf_job.write', 'ann', 200, 200],
    ['a fine-grained token with job.read, which does not exist', 'hf_job.read', 'ann', 403, 403],
    ['a member who may only read', 'hf_eve', 'lab', 200, 403],
    ['an account that does not exist', 'hf_ann', 'nobody', 404, 404],
  ])('%s', async (_, token, namespace, read, write) => {
    const check = async (access: string) => {
      const response = await fetch(`${hub.url}/api/jobs/${namespace}/auth-check/${access}`, {
        method: 'POST',
        headers: token === '' ? {} : { authorization: `Bearer ${token}` },
      })
      return response.status
    }
    expect([await check('read'), await check('write')]).toEqual([read, write])
  })

  test('It names the account and the user, and knows a single Job too.', async () => {
    const job = await start(spec())
    const ids = { namespace: { id: job.owner.id, name: 'ann' }, user: { id: job.owner.id, name: 'ann' } }
    const check = (path: string) => call(path, { method: 'POST' })
    expect(await check('/ann/auth-check/write')).toMatchObject({ status: 200, answer: ids })
    expect(await check(`/ann/${job.id}/auth-check/read`)).toMatchObject({ status: 200, answer: ids })
    expect(await check('/ann/none/auth-check/read')).toMatchObject({ status: 404 })
  })
})
