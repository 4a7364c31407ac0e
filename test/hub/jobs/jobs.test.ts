import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Hub } from '../../../src/hub/hub.ts'
import { type Job, readJob, startJob } from '../../../src/hub/jobs/jobs.ts'
import { jobsWithLabels } from '../../../src/hub/jobs/list.ts'
import { type LocalServer, startLocalServer } from '../../http/local-server.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import { startHub } from '../../sandbox/hub/start.ts'
import { connect } from '../connect.ts'

const token = 'hf_ann0token0of0the0test'
let sandbox: SandboxHub
let hub: Hub

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token })
  hub = connect(sandbox.url, token).hub
})
afterEach(() => sandbox.close())

/** A Job that never begins, so that nothing of it runs. */
function start(labels: Record<string, string> = { nonce: 'n0nce' }): Promise<Job> {
  sandbox.jobs.next({ imagePull: 'endless' })
  const spec = {
    image: 'python:3.12',
    command: ['true'],
    environment: {},
    secrets: {},
    hardware: 'cpu-basic',
    timeoutSeconds: 60,
    labels,
    volumes: [],
  }
  return startJob(hub, { namespace: 'ann', spec })
}

const find = (from: Hub = hub) => jobsWithLabels(from, { namespace: 'ann', labels: { nonce: 'n0nce' } })
const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id)

test('Jobs are found by their label on all pages of the list, newest first.', async () => {
  const started: Job[] = []
  for (let count = 0; count < 25; count++) started.push(await start())
  await start({ nonce: 'other' })
  expect(ids(await find())).toEqual(ids(started).toReversed())
})

test('Jobs are found that have all of several labels.', async () => {
  const both = await start({ recipe: 'r', revision: 'a' })
  await start({ recipe: 'r', revision: 'b' })
  await start({ recipe: 's', revision: 'a' })
  const labels = { recipe: 'r', revision: 'a' }
  expect(await jobsWithLabels(hub, { namespace: 'ann', labels })).toMatchObject([{ id: both.id, labels }])
})

/** A Hub that is only its list of Jobs: what it answers to the first question, and to the next ones. */
async function withList<T>(
  pages: readonly { answer: unknown; link?: string }[],
  use: (server: LocalServer, hub: Hub) => Promise<T>,
): Promise<T> {
  const left = [...pages]
  const server = await startLocalServer((_request, response) => {
    const { answer, link } = left.shift() ?? { answer: [] }
    response.writeHead(200, { 'content-type': 'application/json', ...(link !== undefined && { link }) })
    response.end(JSON.stringify(answer))
  })
  try {
    return await use(server, connect(server.url, token).hub)
  } finally {
    await server.close()
  }
}

const answered = (change: object = {}) => ({
  id: 'job0',
  status: { stage: 'RUNNING', message: null },
  labels: { nonce: 'n0nce' },
  ...change,
})

describe('A list of Jobs', () => {
  test('It is read on after a page without a match.', async () => {
    const link = '</api/jobs/ann?cursor=0>; rel="prev", </api/jobs/ann?cursor=2>; rel="next"'
    await withList([{ answer: [], link }, { answer: [answered()] }], async (server, other) => {
      expect(ids(await find(other))).toEqual(['job0'])
      expect(server.requests.map(({ url }) => url)).toEqual([
        '/api/jobs/ann?label=nonce%3Dn0nce',
        '/api/jobs/ann?cursor=2',
      ])
    })
  })

  test('Its next page is asked of the configured Hub, whatever address the answer names.', async () => {
    await withList([], async (elsewhere) => {
      const link = `<${elsewhere.url}/api/jobs/ann?cursor=2>; rel="next"`
      await withList([{ answer: [], link }, { answer: [answered()] }], async (server, other) => {
        expect(ids(await find(other))).toEqual(['job0'])
        expect(server.requests.map(({ url }) => url)).toContain('/api/jobs/ann?cursor=2')
      })
      expect(elsewhere.requests).toEqual([])
    })
  })

  test('It is an error when it never ends.', async () => {
    const page = { answer: [], link: '</api/jobs/ann?cursor=1>; rel="next"' }
    await withList(
      Array.from({ length: 200 }, () => page),
      async (_server, other) => {
        await expect(find(other)).rejects.toThrow('does not end')
      },
    )
  })

  test.each([
    ['with other fields in another form', { volumes: 'none', createdAt: 7, flavor: {} }],
    ['with objects as values of labels', { labels: { nonce: { value: 'n0nce' } } }],
    ['with a list of labels', { labels: ['nonce=n0nce'] }],
    ['with labels as text', { labels: 'nonce=n0nce' }],
  ])('It still finds a Job %s.', async (_title, change) => {
    await withList([{ answer: [answered(change)] }], async (_server, other) => {
      expect(ids(await find(other))).toEqual(['job0'])
    })
  })

  test.each([
    ['the label of another', { nonce: 'other' }],
    ['another label', { name: 'n0nce' }],
    ['another form of labels without the value', ['nonce=other']],
    ['text for labels without the value', 'nonce=other'],
  ])('It does not return a Job with %s when the Hub ignores the filter.', async (_title, labels) => {
    await withList([{ answer: [answered({ labels })] }], async (_server, other) => {
      expect(await find(other)).toEqual([])
    })
  })

  test('A list that was filtered by only one of several labels does not return a Job without the others.', async () => {
    const jobs = [
      answered({ id: 'job1', labels: { recipe: 'r', revision: 'b' } }),
      answered({ id: 'job2', labels: { recipe: 'r', revision: 'a' } }),
    ]
    await withList([{ answer: jobs }], async (server, other) => {
      const labels = { recipe: 'r', revision: 'a' }
      expect(ids(await jobsWithLabels(other, { namespace: 'ann', labels }))).toEqual(['job2'])
      expect(server.requests[0]?.url).toBe('/api/jobs/ann?label=recipe%3Dr&label=revision%3Da')
    })
  })

  test('It does not return a Job without labels when the Hub ignores the filter.', async () => {
    const others = [answered({ labels: undefined }), answered({ labels: { nonce: 'other' } })]
    await withList([{ answer: others }], async (_server, other) => {
      expect(await find(other)).toEqual([])
    })
  })

  test.each([
    ['shows no labels', undefined],
    ['shows null for labels', null],
    ['shows empty labels', {}],
  ])('It is an error when it %s, because the Job may be in it.', async (_title, labels) => {
    await withList([{ answer: [answered({ labels })] }], async (_server, other) => {
      await expect(find(other)).rejects.toThrow('without their labels')
    })
  })

  test('It returns the match when some Jobs have no labels.', async () => {
    const jobs = [answered({ id: 'job1', labels: null }), answered()]
    await withList([{ answer: jobs }], async (_server, other) => {
      expect(ids(await find(other))).toEqual(['job0'])
    })
  })

  test.each([
    ['single quotes', "</api/jobs/ann?cursor=2>; rel='next'"],
    ['two relations', '</api/jobs/ann?cursor=2>; rel="prev next"'],
    ['a comma in another parameter', '</api/jobs/ann?cursor=2>; title="on, and on"; rel="next"'],
    ['a comma in its address', '</api/jobs/ann?cursor=2&x=1,2>; rel=next'],
    ['capital letters and spaces', '</api/jobs/ann?cursor=2> ; REL = "NEXT"'],
    ['a quoted quotation mark', '</api/jobs/ann?cursor=2>; title="\\", <x>"; rel="next"'],
  ])('It is read on when the link to the next page has %s.', async (_title, link) => {
    await withList([{ answer: [], link }, { answer: [answered()] }], async (_server, other) => {
      expect(ids(await find(other))).toEqual(['job0'])
    })
  })

  test.each([
    ['no address', 'rel="next"'],
    ['an open quotation mark', '</api/jobs/ann?cursor=2>; rel="next'],
    ['no semicolon', '</api/jobs/ann?cursor=2> rel=next'],
  ])('It is an error when the link to the next page has %s.', async (_title, link) => {
    await withList([{ answer: [], link }], async (_server, other) => {
      await expect(find(other)).rejects.toThrow('in an unknown form')
    })
  })

  test('It ends when no link leads to a next page.', async () => {
    const link = '</api/jobs/ann?next=1>; rel="first", </next>; rel="prev"'
    await withList([{ answer: [answered()], link }], async (server, other) => {
      expect(ids(await find(other))).toEqual(['job0'])
      expect(server.requests).toHaveLength(1)
    })
  })

  test('It is an error when the matching entry is not a Job.', async () => {
    await withList([{ answer: [answered({ id: 7 })] }], async (_server, other) => {
      await expect(find(other)).rejects.toThrow('not a Job')
    })
  })

  test('It is an error when it is not a list.', async () => {
    await withList([{ answer: {} }], async (_server, other) => {
      await expect(find(other)).rejects.toThrow('not a list of Jobs')
    })
  })
})

describe('A Job', () => {
  const read = (change: object) =>
    withList([{ answer: answered(change) }], (_server, other) =>
      readJob(other, { namespace: 'ann', id: 'job0' }),
    )

  test.each([
    ['volumes of no source', { volumes: [{ type: 'dataset', revision: 'abc' }] }],
    ['volumes that are a map', { volumes: { '/data': 'ann/digits' } }],
    ['volumes that are text', { volumes: ['datasets/ann/digits:/data'] }],
    ['labels that are a list', { labels: ['a=b'] }],
    ['labels with numbers', { labels: { epochs: 3 } }],
    ['a flavor that is an object', { flavor: { name: 't4-small' } }],
    ['times that are numbers', { createdAt: 1, startedAt: 2, finishedAt: 3 }],
    ['invalid times', { createdAt: 'soon' }],
    ['a status with more and odd fields', { status: { stage: 'RUNNING', message: {}, cancelReason: 4 } }],
    ['nothing but its id and its stage', { labels: undefined, status: { stage: 'RUNNING' } }],
  ])('It is read with %s.', async (_title, change) => {
    expect(await read(change)).toMatchObject({ id: 'job0', stage: 'RUNNING', message: null })
  })

  test.each([
    ['timeout', { timeout: 60 }, 60_000],
    ['timeoutSeconds', { timeoutSeconds: 60 }, 60_000],
    ['a missing field', {}, null],
    ['an unknown form', { timeout: '1m' }, null],
    ['null', { timeout: null, timeoutSeconds: null }, null],
  ])('Its time limit is read from %s.', async (_title, change, limit) => {
    expect(await read(change)).toMatchObject({ timeoutMs: limit })
  })

  test('It keeps its valid volumes and drops invalid ones.', async () => {
    const volumes = [7, { type: 'dataset', source: {}, revision: 'abc' }, { type: null }]
    expect((await read({ volumes }))?.volumes).toEqual([
      { type: 'dataset', revision: 'abc' },
      { type: null, revision: null },
    ])
  })

  test.each([
    ['an id', { id: undefined }],
    ['an id that is safe in a URL', { id: '../whoami-v2' }],
    ['a stage', { status: { message: null } }],
  ])('It is an error without %s.', async (_title, change) => {
    await expect(read(change)).rejects.toThrow('not a Job')
  })
})
