import { uploadFiles } from '@huggingface/hub'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type JobTrial, shell, spec, tryJobs } from '../../../hub/jobs/try-jobs.ts'
import type { SandboxHub } from '../../../hub/start.ts'
import { startHub } from '../../../hub/start.ts'
import { standInUv } from '../../../uv/stand-in.ts'

let hub: SandboxHub
let trial: JobTrial

beforeEach(async () => {
  hub = await startHub({ jobs: { graceMs: 100, uvPath: standInUv } })
  hub.addUser({ name: 'ann', token: 'hf_ann', orgs: ['lab'] })
  hub.addUser({ name: 'eve', token: 'hf_eve', orgs: [{ name: 'lab', role: 'read' }] })
  trial = tryJobs(hub)
  for (const name of ['ann', 'lab']) {
    const owner = hub.state.accounts.find(name)
    if (owner === undefined) throw new Error(name)
    hub.state.buckets.create({ name: `${name}/jobs-artifacts`, owner, private: true })
  }
  await put({ 'run-1/train.py': '# stand-in: sh\ncat "$1"\n', 'run-1/cfg.yaml': 'lr: 1\n', 'run-2/x': 'x' })
})
afterEach(() => hub.close())

const put = (files: Record<string, string>) =>
  uploadFiles({
    hubUrl: hub.url,
    accessToken: 'hf_ann',
    repo: { type: 'bucket', name: 'ann/jobs-artifacts' },
    files: Object.entries(files).map(([path, text]) => ({ path, content: new Blob([text]) })),
  })

const volume = (change: object = {}) => ({
  volumes: [{ type: 'bucket', source: 'ann/jobs-artifacts', mountPath: '/data', path: 'run-1', ...change }],
})

const content = () => {
  const { files } = hub.state.buckets.find('ann/jobs-artifacts') ?? { files: new Map() }
  const decoder = new TextDecoder()
  return Object.fromEntries([...files].map(([path, file]) => [path, decoder.decode(file.content)]))
}

test('The Job of `hf jobs uv run` finds its script and the files of its arguments at /data.', async () => {
  const { lines, answer } = await trial.run(
    spec({
      dockerImage: 'ghcr.io/astral-sh/uv:python3.12-bookworm',
      command: ['uv', 'run', '/data/train.py', '/data/cfg.yaml'],
      arguments: [],
      ...volume({ readOnly: false }),
    }),
  )
  expect([answer.status.message, lines.at(-1)]).toEqual([null, 'lr: 1'])
  expect(answer.volumes).toEqual([
    { type: 'bucket', source: 'ann/jobs-artifacts', mountPath: '/data', path: 'run-1', readOnly: false },
  ])
})

test('What the Job writes, changes and deletes there is in the bucket after it, also when it fails.', async () => {
  const before = content()
  const script = 'cd /data; mkdir out; echo 9 > out/result; echo "lr: 2" > cfg.yaml; rm train.py; exit 3'
  const { answer } = await trial.run(shell(script, volume()))
  expect(answer.status.message).toBe('Job failed with exit code: 3')
  expect(content()).toEqual({
    'run-1/cfg.yaml': 'lr: 2\n',
    'run-1/out/result': '9\n',
    'run-2/x': before['run-2/x'],
  })
})

test('A volume without a path is all of the bucket.', async () => {
  const { lines } = await trial.run(shell('cd /data; find . -type f | sort', volume({ path: undefined })))
  expect(lines.slice(1)).toEqual(['./run-1/cfg.yaml', './run-1/train.py', './run-2/x'])
})

test('What a Job does to a read-only volume does not come back.', async () => {
  const before = content()
  const { answer } = await trial.run(
    shell('chmod -R u+w /data; rm /data/cfg.yaml', volume({ readOnly: true })),
  )
  expect(answer.volumes[0].readOnly).toBe(true)
  expect(content()).toEqual(before)
})

test('A folder that the bucket does not have fails the Job, before its command runs.', async () => {
  const { lines, answer } = await trial.run(shell('echo never', volume({ path: 'run-3' })))
  expect([answer.status.stage, lines]).toEqual(['ERROR', []])
})

test.each([
  ['a bucket that is not there', 'hf_ann', { source: 'ann/none' }, 404],
  ['a bucket of others', 'hf_eve', {}, 404],
  ['a bucket that it may only read, to write to it', 'hf_eve', { source: 'lab/jobs-artifacts' }, 403],
  ['a bucket at a revision', 'hf_ann', { revision: 'main' }, 400],
])('A Job with %s is refused.', async (_, token, change, expected) => {
  const namespace = token === 'hf_ann' ? '/ann' : '/eve'
  const { status } = await trial.call(namespace, { token, body: shell('true', volume(change)) })
  expect(status).toBe(expected)
})
