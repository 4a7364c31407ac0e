import { listJobHardware } from '@huggingface/hub'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { JobTrial } from '../../hub/jobs/try-jobs.ts'
import { spec, tryJobs } from '../../hub/jobs/try-jobs.ts'
import type { SandboxHub } from '../../hub/start.ts'
import { startHub } from '../../hub/start.ts'

let hub: SandboxHub
let call: JobTrial['call']
let start: JobTrial['start']

beforeEach(async () => {
  hub = await startHub({ jobs: { secondMs: 20, keepAliveMs: 20, graceMs: 100 } })
  hub.addUser({ name: 'ann', token: 'hf_ann', orgs: ['lab'] })
  hub.addUser({ name: 'eve', token: 'hf_eve', orgs: [{ name: 'lab', role: 'read' }] })
  hub.addToken({ token: 'hf_read', user: 'ann', role: 'read' })
  hub.addToken({ token: 'hf_fine', user: 'ann', role: 'fineGrained' })
  hub.addToken({
    token: 'hf_jobs',
    user: 'ann',
    role: 'fineGrained',
    permissions: { scoped: [{ entity: { type: 'user', name: 'ann' }, permissions: ['job.write'] }] },
  })
  ;({ call, start } = tryJobs(hub))
})
afterEach(() => hub.close())

test.each([
  ['no flavor', { flavor: undefined }],
  ['a flavor that does not exist', { flavor: 'spaces-t4-small' }],
  ['no image', { dockerImage: undefined }],
  ['an image and a Space', { spaceId: 'ann/space' }],
  ['an empty command', { command: [] }],
  ['an empty word in the command', { command: ['sh', ''] }],
  ['a variable of one letter', { environment: { A: '1' } }],
  ['a variable with a hyphen', { environment: { 'A-B': '1' } }],
  ['a secret with a hyphen', { secrets: { 'A-B': '1' } }],
  ['a timeout of zero', { timeoutSeconds: 0 }],
  ['a timeout in words', { timeoutSeconds: '2h' }],
  ['half an attempt', { attempts: 0.5 }],
  ['a label with a slash', { labels: { dataset: 'ann/digits' } }],
  ['a label key with a space', { labels: { 'a b': 'c' } }],
  ['a label of 101 characters', { labels: { a: 'x'.repeat(101) } }],
  ['an empty list of volumes', { volumes: [] }],
  ['a network group with a dot', { network: { group: 'a.b' } }],
  ['a network without a group', { network: { aliases: ['a'] } }],
  ['two equal network aliases', { network: { group: 'a', aliases: ['b', 'b'] } }],
  ['a port of zero', { expose: { ports: [0] } }],
  ['21 ports', { expose: { ports: Array.from({ length: 21 }, (_, index) => 8000 + index) } }],
  ['a public port that is not exposed', { expose: { ports: [8000], portsPublic: [8001] } }],
])('A Job with %s is refused.', async (_, change) => {
  const { status, answer } = await call('/ann', { body: spec(change) })
  expect(status).toBe(400)
  expect(answer.error).toEqual(expect.any(String))
  expect(hub.jobs.all).toHaveLength(0)
})

test.each([
  ['a network group', { network: { group: 'train', aliases: ['master'] } }, 'has no network between Jobs'],
  ['exposed ports', { expose: { ports: [8000], portsPublic: [8000] } }, 'exposes no ports of Jobs'],
  ['SSH', { ssh: { enabled: true } }, 'has no SSH into Jobs'],
  ['a resource group', { resourceGroupId: 'a'.repeat(24) }, 'has no resource groups'],
])('A good request for %s is refused in words that name the sandbox.', async (_, change, reason) => {
  const { status, answer } = await call('/ann', { body: spec(change) })
  expect([status, answer.error]).toEqual([400, `The sandbox Hub ${reason}`])
})

test('A Job says how often it is tried again: one time less than it is tried.', async () => {
  const retries = await Promise.all(
    [{}, { attempts: 1 }, { attempts: 3 }].map(
      async (change) => (await call('/ann', { body: spec(change) })).answer,
    ),
  )
  expect(retries.map(({ retry, attempts }) => [retry, attempts])).toEqual([
    [0, undefined],
    [0, undefined],
    [2, undefined],
  ])
})

test.each([
  ['an invalid token', 'hf_wrong', 'ann', 401, 401],
  ['a read token', 'hf_read', 'ann', 200, 403],
  ['a fine-grained token without the permission', 'hf_fine', 'ann', 403, 403],
  ['a fine-grained token with it', 'hf_jobs', 'ann', 200, 200],
  ["another user's token", 'hf_eve', 'ann', 403, 403],
  ['a member who only reads', 'hf_eve', 'lab', 200, 403],
  ['a member who writes', 'hf_ann', 'lab', 200, 200],
  ['an account that does not exist', 'hf_ann', 'none', 404, 404],
])(
  'Listing and starting Jobs are allowed or refused by the rights of %s.',
  async (_, token, namespace, listed, started) => {
    expect((await call(`/${namespace}`, { token })).status).toBe(listed)
    expect((await call(`/${namespace}`, { token, body: spec() })).status).toBe(started)
  },
)

test('The list of Jobs is filtered by stages and labels, newest first, over several pages.', async () => {
  for (let index = 0; index < 45; index += 1) {
    const labels = { run: String(index % 3), all: 'yes' }
    hub.jobs.next(index % 5 === 0 ? { imagePull: 'endless' } : {})
    await start(spec({ command: index % 2 ? ['true'] : ['false'], labels }))
  }
  const waiting = hub.jobs.all.filter(({ habits }) => habits.imagePull)
  await Promise.all(
    hub.jobs.all
      .filter((job) => !waiting.includes(job))
      .map((job) => new Promise<void>((resolve) => job.log.follow({ line() {}, end: resolve }))),
  )
  const list = async (query: string) => {
    const ids: string[] = []
    let pages = 0
    for (let next: string | undefined = `/ann?${query}`; next !== undefined; pages += 1) {
      const { answer, headers }: Awaited<ReturnType<typeof call>> = await call(next)
      ids.push(...answer.map(({ id }: { id: string }) => id))
      next = /\/api\/jobs([^>]*)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
    }
    return { ids, pages }
  }
  const newest = hub.jobs.all.toReversed()
  expect(await list('')).toEqual({ ids: newest.map(({ id }) => id), pages: 3 })
  expect((await list('label=run%3D1')).ids).toEqual(
    newest.filter(({ labels }) => labels.run === '1').map(({ id }) => id),
  )
  expect((await list('label=run=1&label=all=no')).ids).toEqual([])
  expect((await list('stage=SCHEDULING')).ids).toEqual(waiting.toReversed().map(({ id }) => id))
  expect((await list('stage=SCHEDULING&stage=RUNNING&stage=COMPLETED&stage=ERROR')).ids).toHaveLength(45)
  expect((await call('/ann?stage=PAUSED')).status).toBe(400)
  expect((await call('/ann?label=run')).status).toBe(400)
  expect((await call('/ann/count?stage=SCHEDULING')).answer).toEqual({ count: 9 })
})

test('The labels of a Job are replaced as a whole.', async () => {
  const job = await start(spec({ labels: { a: '1', b: '2' } }))
  const put = { method: 'PUT', body: { labels: { c: '3' } } }
  expect((await call(`/ann/${job.id}/labels`, put)).answer.labels).toEqual({ c: '3' })
  const bad = { method: 'PUT', body: { labels: { c: 'a/b' } } }
  expect((await call(`/ann/${job.id}/labels`, bad)).status).toBe(400)
})

test('The list of hardware and its prices needs no token.', async () => {
  const hardware = await listJobHardware({ hubUrl: hub.url })
  expect(hardware).toContainEqual(
    expect.objectContaining({
      name: 't4-small',
      unitCostMicroUSD: 6667,
      unitCostUSD: 0.006667,
      unitLabel: 'minute',
    }),
  )
  expect(hardware.find(({ name }) => name === 'cpu-basic')).toMatchObject({
    accelerator: null,
    unitCostMicroUSD: 167,
  })
})
