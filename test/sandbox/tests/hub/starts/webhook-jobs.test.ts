import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { JobTrial } from '../../../hub/jobs/try-jobs.ts'
import { shell, tryJobs } from '../../../hub/jobs/try-jobs.ts'
import type { SandboxHub } from '../../../hub/start.ts'
import { startHub } from '../../../hub/start.ts'

const ECHO = 'echo "$WEBHOOK_REPO_TYPE $WEBHOOK_REPO_ID $WEBHOOK_SECRET $OWN"; echo "$WEBHOOK_PAYLOAD"'

let hub: SandboxHub
let trial: JobTrial

beforeEach(async () => {
  hub = await startHub({ retryDelaysMs: [] })
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.addUser({ name: 'eve', token: 'hf_eve' })
  hub.addToken({
    user: 'ann',
    token: 'hf_hooks',
    role: 'fineGrained',
    permissions: {
      scoped: [{ entity: { type: 'user', name: 'ann' }, permissions: ['user.webhooks.write'] }],
    },
  })
  hub.createDataset({ name: 'ann/data' })
  trial = tryJobs(hub)
})
afterEach(() => hub.close())

async function createWebhook(target: object, token = 'hf_ann') {
  const response = await fetch(`${hub.url}/api/settings/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      watched: [{ type: 'dataset', name: 'ann/data' }],
      domains: ['repo'],
      secret: 'shh',
      ...target,
    }),
  })
  const answer = (await response.json()) as { webhook?: { id: string; job?: object; url?: string } }
  return { status: response.status, ...answer }
}

async function startedBy(commit: () => void) {
  const before = hub.jobs.all.length
  commit()
  await hub.jobs.settled()
  return hub.jobs.all.slice(before).map((job) => ({ job, lines: job.log.lines.map(({ data }) => data) }))
}

const change = () => hub.commit('ann/data', { files: { 'a.txt': 'a' } })

test('An event starts the Job of a webhook, with the event in its environment and the webhook as its initiator.', async () => {
  const { webhook } = await createWebhook({ job: shell(ECHO, { secrets: { OWN: 'own' } }) })
  expect(webhook).toMatchObject({ job: { flavor: 'cpu-basic', secrets: ['OWN'] } })
  expect(webhook).not.toHaveProperty('url')
  expect(JSON.stringify(webhook)).not.toMatch(/shh|"own"/)

  const [started, ...others] = await startedBy(change)
  expect(others).toEqual([])
  expect(started?.lines[1]).toBe('dataset ann/data shh own')
  const payload = JSON.parse(started?.lines[2] ?? '')
  expect(payload).toMatchObject({
    event: { action: 'update', scope: 'repo.content' },
    webhook: { version: 3 },
  })
  const { answer } = await trial.call(`/ann/${started?.job.id}`)
  expect(answer.initiator).toEqual({ type: 'webhook', id: webhook?.id })
  expect(JSON.stringify(answer)).not.toContain('shh')
  expect(hub.deliveries).toEqual([])
})

test('The Job that a webhook starts has no volumes, though the webhook was made with some.', async () => {
  const volumes = [{ type: 'dataset', source: 'ann/data', mountPath: '/given' }]
  await createWebhook({ job: shell('ls /given || echo none', { volumes }) })
  const [started] = await startedBy(change)
  expect(started?.lines.at(-1)).toBe('none')
})

test('A webhook made from a Job starts that Job again, without its secrets but with those it was given.', async () => {
  const { job } = await trial.run(shell(ECHO, { secrets: { OWN: 'source' } }))
  await createWebhook({ jobSourceId: job.id })
  await createWebhook({ jobSourceId: job.id, secrets: { OWN: 'given' } })
  const started = await startedBy(change)
  expect(started.map(({ lines }) => lines[1])).toEqual([
    'dataset ann/data shh ',
    'dataset ann/data shh given',
  ])
})

test('A disabled webhook starts nothing, and neither does one whose owner has no credits.', async () => {
  const { webhook } = await createWebhook({ job: shell(ECHO) })
  hub.jobs.setCredits('ann', false)
  expect(await startedBy(change)).toEqual([])
  hub.jobs.setCredits('ann', true)
  await fetch(`${hub.url}/api/settings/webhooks/${webhook?.id}/disable`, {
    method: 'POST',
    headers: { authorization: 'Bearer hf_ann' },
  })
  expect(await startedBy(() => hub.commit('ann/data', { files: { 'b.txt': 'b' } }))).toEqual([])
})

test.each<[string, () => Promise<object>, string, number]>([
  ['a URL as well', async () => ({ job: shell(ECHO), url: 'http://127.0.0.1/' }), 'hf_ann', 400],
  ['a Job that cannot run', async () => ({ job: shell(ECHO, { flavor: 'none' }) }), 'hf_ann', 400],
  ['a Job that does not exist', async () => ({ jobSourceId: 'a'.repeat(24) }), 'hf_ann', 400],
  ['secrets without a source', async () => ({ job: shell(ECHO), secrets: { A: 'b' } }), 'hf_ann', 400],
  ['a token that may not start Jobs', async () => ({ job: shell(ECHO) }), 'hf_hooks', 403],
  ["another user's Job", async () => ({ jobSourceId: (await trial.run(shell(ECHO))).job.id }), 'hf_eve', 400],
])('A webhook with %s is refused.', async (_, target, token, status) => {
  expect((await createWebhook(await target(), token)).status).toBe(status)
})
