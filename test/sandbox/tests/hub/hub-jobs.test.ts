import { existsSync, readFileSync } from 'node:fs'
import { cancelJob, getJob, listJobs, runJob, streamJobLogs } from '@huggingface/hub'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createPathMap } from '../../hub/jobs/container/path-map.ts'
import type { JobsOptions } from '../../hub/jobs/start-jobs.ts'
import type { JobTrial } from '../../hub/jobs/try-jobs.ts'
import { shell, spec, tryJobs } from '../../hub/jobs/try-jobs.ts'
import type { SandboxHub } from '../../hub/start.ts'
import { startHub } from '../../hub/start.ts'

let hub: SandboxHub
let call: JobTrial['call']
let start: JobTrial['start']
let run: JobTrial['run']

async function restart(jobs: JobsOptions = {}): Promise<void> {
  await hub?.close()
  hub = await startHub({ jobs: { secondMs: 20, keepAliveMs: 20, graceMs: 200, ...jobs } })
  hub.addUser({ name: 'ann', token: 'hf_ann', orgs: ['lab'] })
  hub.addUser({ name: 'eve', token: 'hf_eve' })
  ;({ call, start, run } = tryJobs(hub))
}

beforeEach(() => restart())
afterEach(() => hub.close())

/** Waits for a line, without polling. */
function printed(job: (typeof hub.jobs.all)[number], text: string): Promise<void> {
  return new Promise((resolve) => {
    const check = (data: string) => data.includes(text) && resolve()
    for (const { data } of job.log.lines) check(data)
    job.log.follow({ line: ({ data }) => check(data), end: () => resolve() })
  })
}

/** A process that ended but was not yet waited for does not count. */
const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))

test('The official client starts a Job, reads its log and sees it completed.', async () => {
  const client = { namespace: 'ann', accessToken: 'hf_ann', hubUrl: hub.url }
  const started = await runJob({
    ...client,
    dockerImage: 'python:3.12',
    command: ['sh', '-c', 'echo "$GREETING, $JOB_ID"; echo oops >&2; echo "$0 $1"'],
    arguments: ['a', 'b c'],
    environment: { GREETING: 'hello' },
    flavor: 't4-small',
    labels: { source: 'abc' },
  })
  expect(started).toMatchObject({ type: 'job', status: { stage: 'SCHEDULING', message: null } })
  const messages: string[] = []
  for await (const { message } of streamJobLogs({ ...client, jobId: started.id })) messages.push(message)
  expect(messages[0]).toMatch(/^===== Job started at .* =====$/)
  expect(messages.toSpliced(0, 1).toSorted()).toEqual([`a b c`, `hello, ${started.id}`, 'oops'].toSorted())
  await hub.jobs.settled()
  expect(await getJob({ ...client, jobId: started.id })).toMatchObject({
    status: { stage: 'COMPLETED', message: null },
    flavor: 't4-small',
    labels: { source: 'abc' },
    environment: { GREETING: 'hello' },
    arguments: ['a', 'b c'],
    owner: { name: 'ann', type: 'user' },
    startedAt: expect.any(String),
    finishedAt: expect.any(String),
  })
  expect(await listJobs(client)).toHaveLength(1)
})

test('Secrets reach the process and can be read back by name only.', async () => {
  const { answer, lines } = await run(
    shell('printf %s "$HF_TOKEN" | wc -c; env | cut -d= -f1', { secrets: { HF_TOKEN: 'hf_s3cret' } }),
  )
  expect(lines).toContain('9')
  expect(answer.secrets).toEqual(['HF_TOKEN'])
  expect(JSON.stringify(answer)).not.toContain('hf_s3cret')
  expect(JSON.stringify((await call('/ann')).answer)).not.toContain('hf_s3cret')
  const names = lines.slice(2)
  expect(names).toEqual(
    expect.arrayContaining(['JOB_ID', 'CPU_CORES', 'MEMORY', 'ACCELERATOR', 'HF_ENDPOINT']),
  )
  expect(names.filter((name) => /^(npm_|JEST|GITHUB_|NODE_)/.test(name))).toEqual([])
})

test('A non-zero exit is an error that names the code, and each attempt starts afresh.', async () => {
  const { answer } = await run(shell('exit 3'))
  expect(answer.status).toEqual({ stage: 'ERROR', message: 'Job failed with exit code: 3', failureCount: 1 })
  const again = await run(
    shell('if [ -e done ]; then echo twice; else touch done; exit 1; fi', { attempts: 3 }),
  )
  expect(again.answer.status).toEqual({ stage: 'COMPLETED', message: null, failureCount: 1 })
})

test('A program that the image does not have is an error.', async () => {
  const { answer } = await run(spec({ command: ['no-such-program'] }))
  expect(answer.status).toMatchObject({
    stage: 'ERROR',
    message: expect.stringMatching(/^StartError: .*no-such-program/),
  })
  expect((await run(spec({ command: undefined }))).answer.status.stage).toBe('ERROR')
})

test('A Job that exceeds its timeout ends with the error "Job timeout", and so do all its processes.', async () => {
  const { answer, lines } = await run(
    shell('trap "" TERM; sh -c "echo child \\$\\$; sleep 100"; echo never', { timeoutSeconds: 10 }),
  )
  expect(answer.status).toMatchObject({ stage: 'ERROR', message: 'Job timeout' })
  expect(answer.timeout).toBe(10)
  const child = Number(lines.find((line) => line.startsWith('child '))?.split(' ')[1])
  expect(isAlive(child)).toBe(false)
  expect(lines).not.toContain('never')
})

test('A cancelled Job is CANCELED at once, its processes get SIGTERM, and it cannot be cancelled twice.', async () => {
  await restart({ graceMs: 10_000 })
  const job = await start(shell('trap "echo saving; exit 0" TERM; echo ready; while :; do sleep 0.01; done'))
  await printed(job, 'ready')
  const client = { namespace: 'ann', accessToken: 'hf_ann', hubUrl: hub.url, jobId: job.id }
  expect(await cancelJob(client)).toMatchObject({ status: { stage: 'CANCELED' } })
  await hub.jobs.settled()
  expect(job.log.lines.at(-1)?.data).toBe('saving')
  await expect(cancelJob(client)).rejects.toMatchObject({ statusCode: 409 })
  expect((await call(`/ann/${job.id}`)).answer.status.stage).toBe('CANCELED')
})

test('Closing the Hub kills every process of every Job.', async () => {
  const job = await start(shell('trap "" TERM; sleep 100 & echo "pids $$ $!"; wait; wait'))
  await printed(job, 'pids')
  const pids = job.log.lines.at(-1)?.data.split(' ').slice(1).map(Number) ?? []
  const before = pids.map(isAlive)
  await restart()
  expect([before, pids.map(isAlive)]).toEqual([
    [true, true],
    [false, false],
  ])
})

test('Only whole paths of the container are mapped to this machine, and back in the log.', () => {
  const { toHost, toContainer } = createPathMap({
    root: '/r',
    prefixes: ['/data/', '/data/more', '/tmp', '/'],
  })
  const moved = 'cat /data "/data/a" PATH=/tmp:/data/more/b;'
  const kept = './data a/data /database /data.txt //data https://host/data /tmpfs / x/tmp'
  expect(toHost(moved)).toBe('cat /r/data "/r/data/a" PATH=/r/tmp:/r/data/more/b;')
  expect(toHost(kept)).toBe(kept)
  expect(toContainer(toHost(moved))).toBe(moved)
})

test('Processes that a program leaves running are killed when it ends.', async () => {
  const { answer, lines } = await run(shell('sleep 100 > /dev/null 2>&1 & echo $!'))
  expect(answer.status.stage).toBe('COMPLETED')
  expect(isAlive(Number(lines.at(-1)))).toBe(false)
})

describe('Volumes of a Job', () => {
  beforeEach(() => {
    hub.createDataset({
      name: 'ann/digits',
      private: true,
      files: { 'train/0/a.png': Uint8Array.of(0, 1, 2), 'notes.txt': 'one' },
    })
  })

  const volume = (change: object = {}) => ({
    volumes: [{ type: 'dataset', source: 'ann/digits', mountPath: '/data', ...change }],
  })

  test('A volume is mounted at its path, at the requested revision.', async () => {
    const revision = hub.repository('ann/digits').refs.get('refs/heads/main')
    hub.commit('ann/digits', { files: { 'notes.txt': 'two', 'new.txt': 'new' }, deletions: ['train/'] })
    const script =
      'cat /data/notes.txt; echo; cat "$FILE" | od -An -tu1; cd /data && find . -type f | sort; pwd'
    const environment = { FILE: '/data/train/0/a.png' }
    const { lines, answer } = await run(shell(script, { environment, ...volume({ revision }) }))
    expect(lines.slice(1)).toEqual([
      'one',
      '   0   1   2',
      './.gitattributes',
      './notes.txt',
      './train/0/a.png',
      '/data',
    ])
    expect(answer.environment).toEqual(environment)
    expect(answer.volumes).toEqual([
      { type: 'dataset', source: 'ann/digits', mountPath: '/data', revision, readOnly: true },
    ])
    const head = await run(
      shell('cat /mnt/data/notes.txt /database 2>&1', volume({ mountPath: '/mnt/data' })),
    )
    expect(head.lines.slice(1)).toEqual(['twocat: /database: No such file or directory'])
  })

  test('A volume may be a folder of the repository.', async () => {
    const { lines } = await run(shell('find /data -type f', volume({ path: 'train/0' })))
    expect(lines.slice(1)).toEqual(['/data/a.png'])
  })

  test.each([
    ['a dataset that does not exist', { source: 'ann/none' }, 404],
    ['a revision that does not exist', { revision: 'f'.repeat(40) }, 404],
    ['a relative mount path', { mountPath: 'data' }, 400],
    ['a type that does not exist', { type: 'datasets' }, 400],
  ])('A volume is refused with %s.', async (_, change, status) => {
    expect((await call('/ann', { body: spec(volume(change)) })).status).toBe(status)
    expect(hub.jobs.all).toHaveLength(0)
  })

  test('A volume that the token cannot read is refused.', async () => {
    const body = spec(volume())
    expect((await call('/eve', { token: 'hf_eve', body })).status).toBe(404)
    const permissions = {
      scoped: [{ entity: { type: 'user', name: 'ann' } as const, permissions: ['job.write'] }],
    }
    hub.addToken({ token: 'hf_jobs', user: 'ann', role: 'fineGrained', permissions })
    expect((await call('/ann', { token: 'hf_jobs', body })).status).toBe(404)
  })
})

test('Without credits a Job is refused with 402, and the Hub cancels a running one.', async () => {
  hub.jobs.setCredits('ann', false)
  expect((await call('/ann', { body: spec() })).status).toBe(402)
  expect((await call('/lab', { body: spec() })).status).toBe(200)
  hub.jobs.setCredits('ann', true)
  hub.jobs.next({ outOfCreditsAt: /halfway/ })
  const { answer } = await run(shell('echo halfway; sleep 100'))
  expect(answer.status).toMatchObject({ stage: 'CANCELED', cancelReason: 'NO_CREDITS' })
})

test('An image that is never pulled keeps a Job in SCHEDULING until it is cancelled.', async () => {
  hub.jobs.next({ imagePull: 'endless' })
  const job = await start(spec({ timeoutSeconds: 1 }))
  const log = await fetch(`${hub.url}/api/jobs/ann/${job.id}/logs`, {
    headers: { authorization: 'Bearer hf_ann' },
  })
  const reader = log.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toBe(': keep-alive\n\n')
  expect((await call(`/ann/${job.id}`)).answer.status.stage).toBe('SCHEDULING')
  await call(`/ann/${job.id}/cancel`, { method: 'POST' })
  await reader?.cancel()
  expect((await call(`/ann/${job.id}`)).answer).toMatchObject({ status: { stage: 'CANCELED' } })
})

test('The kernel kills the largest process that has no children, and its parent continues.', async () => {
  hub.jobs.next({ oomKillAt: /training/ })
  const { answer, lines } = await run(
    shell('sh -c "echo training; while :; do :; done"; echo "child ended with $?"'),
  )
  expect(answer.status.stage).toBe('COMPLETED')
  expect(lines).toContain('child ended with 137')

  hub.jobs.next({ oomKillAt: /alone/ })
  const alone = await run(spec({ command: ['sh', '-c', 'echo alone; while :; do :; done'] }))
  expect(alone.answer.status).toMatchObject({ stage: 'ERROR', message: 'Job failed: OOMKilled (SIGKILL)' })
})

describe('The log of a Job', () => {
  const events = async (id: string, query = '') => {
    const response = await fetch(`${hub.url}/api/jobs/ann/${id}/logs${query}`, {
      headers: { authorization: 'Bearer hf_ann' },
      signal: AbortSignal.timeout(300),
    })
    let text = ''
    let end = 'end'
    try {
      const decoder = new TextDecoder()
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true })
    } catch {
      end = 'hang'
    }
    const data = [...text.matchAll(/^data: (.*)\n\n/gm)].map(([, json]) => JSON.parse(json ?? ''))
    return { lines: data.map((each) => each.data), end, data }
  }

  test('A log is streamed from its first line on every connection, also after the Job ended.', async () => {
    const { job, lines } = await run(shell('echo one; echo two'))
    const first = await events(job.id)
    expect(first.lines).toEqual(lines)
    expect(first.data[1]).toEqual({ data: 'one', timestamp: expect.stringMatching(/^\d{4}-.*Z$/) })
    expect(await events(job.id)).toEqual(first)
    expect((await events(job.id, '?tail=1')).lines).toEqual(['two'])
  })

  test('A log can end early or hang, one connection after another.', async () => {
    hub.jobs.next({
      logStreams: [
        { after: 2, how: 'end' },
        { after: 1, how: 'hang' },
        { after: 0, how: 'end' },
      ],
    })
    const { job, lines } = await run(shell('echo one; echo two'))
    expect(await events(job.id)).toMatchObject({ lines: lines.slice(0, 2), end: 'end' })
    expect(await events(job.id)).toMatchObject({ lines: lines.slice(0, 1), end: 'hang' })
    expect(await events(job.id)).toMatchObject({ lines: [], end: 'end' })
    expect(await events(job.id)).toMatchObject({ lines, end: 'end' })
  })

  test('Later connections can send only the first and the last lines again, with rough times or none.', async () => {
    hub.jobs.next({ logReplay: { start: true, last: 2 }, logTimes: 'seconds' })
    const { job, lines } = await run(shell('for i in 1 2 3 4; do echo "line $i"; done'))
    expect(await events(job.id)).toMatchObject({ lines })
    const again = await events(job.id)
    expect(again.lines).toEqual([lines[0], 'line 3', 'line 4'])
    expect(again.data[0].timestamp).toMatch(/:\d\dZ$/)
    hub.jobs.next({ logTimes: 'none' })
    const other = await run(shell('echo done'))
    expect((await events(other.job.id)).data[1]).toEqual({ data: 'done' })
  })

  test('The log of another account, or of a Job that does not exist, is refused.', async () => {
    const { job } = await run(spec())
    expect((await call(`/ann/${job.id}/logs`, { token: 'hf_eve' })).status).toBe(403)
    expect((await call(`/ann/${'0'.repeat(24)}/logs`)).status).toBe(404)
    expect((await call(`/lab/${job.id}`)).status).toBe(404)
  })
})
