import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { blockUnder } from '../../docs/page-blocks.ts'
import { actionRun } from '../stage/action-run.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { pushModel } from '../stage/trainings.ts'
import { until } from '../stage/until.ts'
import { jobsIn } from './cluster/jobs.ts'

const page = 'docs/operations.md'
/** With the exit code of the recipe's script for a job that ends with 3, and whether the script prints the job's log. */
const clusters = [
  { cluster: 'Slurm', code: 3, hasLog: true },
  { cluster: 'Kubernetes', code: 1, hasLog: true },
  { cluster: 'SageMaker', code: 255, hasLog: false },
  { cluster: 'Ray', code: 1, hasLog: true },
]
const bin = fileURLToPath(new URL('cluster/bin', import.meta.url))

let folder: string
let stage: Stage

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clusters-'))
  const code = {
    'training/train.sbatch': blockUnder(page, { heading: 'Slurm', part: '#SBATCH' }),
    'training/sagemaker.json': '{}',
    'training/job.yaml': blockUnder(page, { heading: 'Kubernetes', part: 'kind: Job' }),
  }
  const environment = { PATH: `${bin}:${process.env.PATH}` }
  stage = await startStage({ code, runner: { machines: 8, environment } })
})
afterAll(async () => {
  await stage.close()
  for (const home of globSync(join(folder, '*'))) {
    const jobs = globSync(join(home, 'auto-retrain-*')).map((job) => basename(job))
    for (const job of jobs) jobsIn({ CLUSTER: home }).cancel(job)
  }
  rmSync(folder, { recursive: true, force: true })
})

/** Prepares a case with the page's recipe, whose cluster runs a script in place of the training. */
function prepare(
  cluster: string,
  options: { train: string; more?: Record<string, string>; env?: Record<string, string> },
) {
  const subject = stage.case({ name: `${cluster.toLowerCase()}-${Math.random().toString(36).slice(2, 8)}` })
  const home = join(folder, subject.name)
  mkdirSync(home)
  writeFileSync(join(home, 'train.sh'), options.train)
  const recipe: Record<string, string> = parse(blockUnder(page, { heading: cluster, part: 'command:' }))
  // The sandbox's machines are GitHub's own, where no training may be waited for longer than six hours.
  const inputs = { ...recipe, timeout: '2h', discussion: 'off', ...options.more }
  subject.workflow(inputs, { env: { CLUSTER: home, ...options.env } })
  return { subject, home }
}

const run = (subject: Case) => subject.manual()
/** The path of a file of the case's job: `pid`, `code`, `cancelled`; empty when there is none. */
const jobFile = (home: string, file: string) => globSync(join(home, 'auto-retrain-*', file))[0] ?? ''

describe.each(clusters)('The recipe for $cluster', ({ cluster, code, hasLog }) => {
  test.concurrent(`A job on ${cluster} that pushes its model is a success, with the metrics that the script shows.`, async () => {
    const { subject, home } = prepare(cluster, {
      train: `test "$AUTO_RETRAIN_DATASET" && ${pushModel} && echo 'auto-retrain:metrics {"accuracy": 0.9}'`,
    })
    const ended = await run(subject)
    expect(ended).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
    expect(JSON.parse(ended.outputs.metrics || '{}')).toEqual(hasLog ? { accuracy: 0.9 } : {})
    expect(jobFile(home, 'cancelled')).toBe('')
  })

  test.concurrent(`A job on ${cluster} that fails fails the training, with its error where the script shows the log.`, async () => {
    const { subject } = prepare(cluster, { train: 'echo "ValueError: row 7 has no label"; exit 3' })
    const ended = await run(subject)
    expect(ended).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(ended.reason).toContain(`exit code ${code}`)
    expect(ended.reason.includes('row 7 has no label')).toBe(hasLog)
  })

  test.concurrent(`A job on ${cluster} that pushes no model succeeds only with expect-model: false.`, async () => {
    const silent = prepare(cluster, { train: 'exit 0' })
    expect(await run(silent.subject)).toMatchObject({ verdict: 'failed', exitCode: 1 })
    const more = { 'expect-model': 'false' }
    const allowed = prepare(cluster, { train: 'exit 0', more })
    expect(await run(allowed.subject)).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
  })

  test.concurrent(`A workflow that is cancelled cancels its job on ${cluster}.`, async () => {
    const { subject, home } = prepare(cluster, { train: 'touch "$CLUSTER/began"; sleep 300' })
    const { id } = await stage.runner.manual(`${subject.name}.yml`)
    await until(() => existsSync(join(home, 'began')))
    expect(actionRun(await stage.runner.cancel(id))).toMatchObject({ verdict: 'cancelled' })
    expect(jobFile(home, 'cancelled')).not.toBe('')
    expect(isAlive(readFileSync(jobFile(home, 'pid'), 'utf8'))).toBe(false)
    expect(claims(stage, subject.name)).toMatchObject([{ state: 'cancelled' }])
  })
})

test('A job on Slurm is cancelled when what waits for it fails: no job goes on unseen.', async () => {
  const { subject, home } = prepare('Slurm', { train: 'sleep 300', env: { LOSES_CONNECTION: 'yes' } })
  expect(await run(subject)).toMatchObject({ verdict: 'failed', exitCode: 1 })
  expect(jobFile(home, 'cancelled')).not.toBe('')
})

/** A process that only waits to be reaped has no command line. */
function isAlive(pid: string): boolean {
  const path = `/proc/${pid}/cmdline`
  return existsSync(path) && readFileSync(path, 'utf8') !== ''
}
