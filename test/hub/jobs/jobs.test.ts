import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Hub } from '../../../src/hub/hub.ts'
import { type Job, readJob, startJob } from '../../../src/hub/jobs/jobs.ts'
import { jobsWithLabels } from '../../../src/hub/jobs/jobs-list.ts'
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

test('Jobs are found by their label on every page of the list, the newest first.', async () => {
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
  test('is read on after a page on which nothing fits.', async () => {
    const link = '</api/jobs/ann?cursor=0>; rel="prev", </api/jobs/ann?cursor=2>; rel="next"'
    await withList([{ answer: [], link }, { answer: [answered()] }], async (server, other) => {
      expect(ids(await find(other))).toEqual(['job0'])
      expect(server.requests.map(({ url }) => url)).toEqual([
        '/api/jobs/ann?label=nonce%3Dn0nce',
        '/api/jobs/ann?cursor=2',
      ])
    })
  })

  test('that goes on at another address is an error, and the token does not go there.', async () => {
    await withList([], async (elsewhere) => {
      const link = `<${elsewhere.url}/api/jobs/ann?cursor=2>; rel="next"`
      await withList([{ answer: [], link }], async (_server, other) => {
        await expect(find(other)).rejects.toThrow('goes on at another address')
      })
      expect(elsewhere.requests).toEqual([])
    })
  })

  test('that never ends is an error.', async () => {
    const page = { answer: [], link: '</api/jobs/ann?cursor=1>; rel="next"' }
    await withList(
      Array.from({ length: 200 }, () => page),
      async (_server, other) => {
        await expect(find(other)).rejects.toThrow('does not come to an end')
      },
    )
  })

  test.each([
    ['with other fields in another form still has its Jobs', { volumes: 'none', createdAt: 7, flavor: {} }],
    ['whose labels have objects as values still has its Jobs', { labels: { nonce: { value: 'n0nce' } } }],
    ['whose labels are a list still has its Jobs', { labels: ['nonce=n0nce'] }],
    ['whose labels are text still has its Jobs', { labels: 'nonce=n0nce' }],
  ])('%s.', async (_title, change) => {
    await withList([{ answer: [answered(change)] }], async (_server, other) => {
      expect(ids(await find(other))).toEqual(['job0'])
    })
  })

  test.each([
    ['the label of another', { nonce: 'other' }],
    ['another label', { name: 'n0nce' }],
    ['another form of labels without the value', ['nonce=other']],
    ['text for labels without the value', 'nonce=other'],
  ])('that was not filtered does not give a Job with %s.', async (_title, labels) => {
    await withList([{ answer: [answered({ labels })] }], async (_server, other) => {
      expect(await find(other)).toEqual([])
    })
  })

  test('that was filtered by one of several labels only does not give a Job without the others.', async () => {
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

  test('that was not filtered does not give a Job without labels either.', async () => {
    const others = [answered({ labels: undefined }), answered({ labels: { nonce: 'other' } })]
    await withList([{ answer: others }], async (_server, other) => {
      expect(await find(other)).toEqual([])
    })
  })

  test.each([
    ['does not show labels', undefined],
    ['shows null for labels', null],
    ['shows empty labels', {}],
  ])('that %s is an error: nobody can tell whether the Job is in it.', async (_title, labels) => {
    await withList([{ answer: [answered({ labels })] }], async (_server, other) => {
      await expect(find(other)).rejects.toThrow('does not show their labels')
    })
  })

  test('that does not show the labels of some still has the one that fits.', async () => {
    const jobs = [answered({ id: 'job1', labels: null }), answered()]
    await withList([{ answer: jobs }], async (_server, other) => {
      expect(ids(await find(other))).toEqual(['job0'])
    })
  })

  test.each([
    ['two relations', '</api/jobs/ann?cursor=2>; rel="prev next"'],
    ['a comma in another parameter', '</api/jobs/ann?cursor=2>; title="on, and on"; rel="next"'],
    ['a comma in its address', '</api/jobs/ann?cursor=2&x=1,2>; rel=next'],
    ['large letters and spaces', '</api/jobs/ann?cursor=2> ; REL = "NEXT"'],
    ['a quoted quotation mark', '</api/jobs/ann?cursor=2>; title="\\", <x>"; rel="next"'],
  ])('whose link to its next page has %s is read on.', async (_title, link) => {
    await withList([{ answer: [], link }, { answer: [answered()] }], async (_server, other) => {
      expect(ids(await find(other))).toEqual(['job0'])
    })
  })

  test.each([
    ['no address', 'rel="next"'],
    ['an open quotation mark', '</api/jobs/ann?cursor=2>; rel="next'],
    ['no semicolon', '</api/jobs/ann?cursor=2> rel=next'],
  ])('whose link to its next page has %s is an error.', async (_title, link) => {
    await withList([{ answer: [], link }], async (_server, other) => {
      await expect(find(other)).rejects.toThrow('cannot be understood')
    })
  })

  test('whose links lead elsewhere than on ends here.', async () => {
    const link = '</api/jobs/ann?next=1>; rel="first", </next>; rel="prev"'
    await withList([{ answer: [answered()], link }], async (server, other) => {
      expect(ids(await find(other))).toEqual(['job0'])
      expect(server.requests).toHaveLength(1)
    })
  })

  test('whose fitting entry is no Job is an error: nobody can tell then that there is none.', async () => {
    await withList([{ answer: [answered({ id: 7 })] }], async (_server, other) => {
      await expect(find(other)).rejects.toThrow('no Job')
    })
  })

  test('that is no list is an error.', async () => {
    await withList([{ answer: {} }], async (_server, other) => {
      await expect(find(other)).rejects.toThrow('no list of Jobs')
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
    ['times that are no times', { createdAt: 'soon' }],
    ['a status with more and odd fields', { status: { stage: 'RUNNING', message: {}, cancelReason: 4 } }],
    ['nothing but its id and its stage', { labels: undefined, status: { stage: 'RUNNING' } }],
  ])('with %s can be read.', async (_title, change) => {
    expect(await read(change)).toMatchObject({ id: 'job0', stage: 'RUNNING', message: null })
  })

  test.each([
    ['timeout', { timeout: 60 }, 60_000],
    ['timeoutSeconds', { timeoutSeconds: 60 }, 60_000],
    ['nowhere', {}, null],
    ['a form that is not known', { timeout: '1m' }, null],
    ['null', { timeout: null, timeoutSeconds: null }, null],
  ])('whose time limit is shown as %s is read as far as it can be.', async (_title, change, limit) => {
    expect(await read(change)).toMatchObject({ timeout: limit })
  })

  test('keeps the volumes that can be read beside those that cannot.', async () => {
    const volumes = [7, { type: 'dataset', source: {}, revision: 'abc' }, { type: null }]
    expect((await read({ volumes }))?.volumes).toEqual([
      { type: 'dataset', revision: 'abc' },
      { type: null, revision: null },
    ])
  })

  test.each([
    ['an id', { id: undefined }],
    ['an id that fits into a URL', { id: '../whoami-v2' }],
    ['a stage', { status: { message: null } }],
  ])('without %s is none.', async (_title, change) => {
    await expect(read(change)).rejects.toThrow('no Job')
  })
})
