import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { actionRun } from '../stage/action-run.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { begin, commentsOn, jobScript, jobsOf, pushModel, runnerScript } from '../stage/trainings.ts'
import { until } from '../stage/until.ts'

let stage: Stage
/** Its runner kills a cancelled step before it can do anything. */
let merciless: Stage
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'training-stops-'))
  stage = await startStage({ runner: { machines: 6 } })
  merciless = await startStage({ runner: { machines: 6, waits: { interrupt: 0, terminate: 0 } } })
})
afterAll(async () => {
  await Promise.all([stage.close(), merciless.close()])
  rmSync(folder, { recursive: true, force: true })
})

const cancelOf = (on: Stage, subject: Case) => new RegExp(`/${jobsOf(on, subject)[0]?.id}/cancel$`)

describe('A workflow that is cancelled', () => {
  test.concurrent('A cancel while the start is awaited waits for the answer, and stops the Job.', async () => {
    const subject = stage.case()
    subject.workflow(jobScript('sleep 100', { 'target-namespace': 'ada' }))
    // The answer is lost, and at first the Hub does not list the Job.
    stage.hub.fault({ method: 'POST', path: /^\/api\/jobs\/ada$/, reset: true, applied: true })
    stage.hub.jobs.next({ shownAfterMs: 2000 })
    const { id } = await stage.runner.manual(`${subject.name}.yml`)
    await until(() => jobsOf(stage, subject).length === 1)
    const run = actionRun(await stage.runner.cancel(id))
    expect(run).toMatchObject({ verdict: 'cancelled', exitCode: 1 })
    expect(jobsOf(stage, subject)).toMatchObject([{ stage: 'CANCELED' }])
    expect(claims(stage, subject.name)).toMatchObject([{ state: 'cancelled' }])
  })

  test.concurrent('After a cancel while the start is never answered, the end of the job finds and stops the Job.', async () => {
    const subject = merciless.case()
    subject.workflow(jobScript('sleep 100', { 'target-namespace': 'ada' }))
    merciless.hub.fault({ method: 'POST', path: /^\/api\/jobs\/ada$/, hang: true, applied: true })
    const { id } = await merciless.runner.manual(`${subject.name}.yml`)
    await until(() => jobsOf(merciless, subject).length === 1)
    const { post } = actionRun(await merciless.runner.cancel(id))
    expect(post?.rawOutput).toContain('Stopped the training')
    expect(jobsOf(merciless, subject)).toMatchObject([{ stage: 'CANCELED' }])
    expect(claims(merciless, subject.name)).toMatchObject([{ state: 'cancelled' }])
  })

  test.concurrent('A cancel stops a Job whose image never finishes pulling.', async () => {
    const subject = stage.case()
    stage.hub.jobs.next({ imagePull: 'endless' })
    const id = await begin(stage, subject, { inputs: jobScript('sleep 100') })
    const run = actionRun(await stage.runner.cancel(id))
    expect(run).toMatchObject({ verdict: 'cancelled', exitCode: 1 })
    expect(jobsOf(stage, subject)).toMatchObject([{ stage: 'CANCELED' }])
  })

  test.concurrent('A cancelled workflow whose step was killed still notifies the dataset.', async () => {
    const subject = merciless.case()
    const id = await begin(merciless, subject, { inputs: jobScript('sleep 100') })
    await until(() => commentsOn(merciless, subject).length === 1)
    await merciless.runner.cancel(id)
    expect(jobsOf(merciless, subject)).toMatchObject([{ stage: 'CANCELED' }])
    expect(claims(merciless, subject.name)).toMatchObject([{ state: 'cancelled' }])
    expect(commentsOn(merciless, subject)).toMatchObject([{ raw: expect.stringContaining('cancelled') }])
  })

  test.concurrent('A cancelled workflow whose step was killed names the Job that it could not stop.', async () => {
    const subject = merciless.case()
    const id = await begin(merciless, subject, { inputs: jobScript('sleep 30') })
    const path = cancelOf(merciless, subject)
    merciless.hub.fault({ method: 'POST', path, status: 403, times: Number.POSITIVE_INFINITY })
    const { run, post } = actionRun(await merciless.runner.cancel(id))
    const [job] = jobsOf(merciless, subject)
    expect(run.conclusion).toBe('cancelled')
    expect(post?.annotations).toMatchObject([
      { kind: 'error', message: expect.stringContaining(`${merciless.hub.url}/jobs/acme/${job?.id}`) },
    ])
    expect(claims(merciless, subject.name)).toMatchObject([{ state: 'started' }])
  })

  test.concurrent('A cancel ends a command on the runner with every process it started.', async () => {
    const subject = stage.case()
    const pids = join(folder, subject.name)
    const id = await begin(stage, subject, {
      inputs: runnerScript(`sleep 300 & echo $! $$ > ${pids}.new; mv ${pids}.new ${pids}; wait`),
    })
    await until(() => existsSync(pids))
    const run = actionRun(await stage.runner.cancel(id))
    expect(run).toMatchObject({ verdict: 'cancelled', exitCode: 1 })
    expect(claims(stage, subject.name)).toMatchObject([{ state: 'cancelled' }])
    expect(commentsOn(stage, subject)).toMatchObject([{ raw: expect.stringContaining('cancelled') }])
    const left = readFileSync(pids, 'utf8').trim().split(' ').filter(isAlive)
    expect(left).toEqual([])
  })

  test.concurrent('A cancelled workflow whose step was killed leaves no command running and no open record.', async () => {
    const subject = merciless.case()
    const pids = join(folder, `killed-${subject.name}`)
    const id = await begin(merciless, subject, {
      inputs: runnerScript(`sleep 300 & echo $! $$ > ${pids}.new; mv ${pids}.new ${pids}; wait`),
    })
    // The process runs before the step has noted it, and the dataset is told after that.
    await until(() => existsSync(pids) && commentsOn(merciless, subject).length === 1)
    await merciless.runner.cancel(id)
    expect(claims(merciless, subject.name)).toMatchObject([{ state: 'cancelled' }])
    expect(readFileSync(pids, 'utf8').trim().split(' ').filter(isAlive)).toEqual([])
  })
})

describe('A machine that died', () => {
  test.concurrent('When the machine dies with a command on it, "Re-run jobs" trains again.', async () => {
    const subject = stage.case()
    const mark = join(folder, `died-${subject.name}`)
    const id = await begin(stage, subject, {
      inputs: runnerScript(
        `test ! -e ${mark} || exec ${pushModel}; ${pushModel} --half; touch ${mark}; sleep 100`,
      ),
    })
    await until(() => existsSync(mark) && commentsOn(stage, subject).length === 1)
    await stage.runner.kill(id)
    const again = actionRun(await stage.runner.finished((await stage.runner.rerun(id)).id))
    expect(again).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
    expect(claims(stage, subject.name)).toMatchObject([
      { attempt: 1, state: 'failed' },
      { attempt: 2, state: 'succeeded' },
    ])
    expect(commentsOn(stage, subject)).toMatchObject([
      { raw: expect.stringContaining('did not record how it ended') },
      { raw: expect.not.stringContaining('did not record how it ended') },
    ])
  })

  test.concurrent('When the machine dies while a Job runs, the next run names the Job, and a later one records its end.', async () => {
    const subject = stage.case()
    const id = await begin(stage, subject, {
      inputs: jobScript(`sleep 6; echo "{'eval_accuracy': 0.75, 'epoch': 3.0}"; ${pushModel}`),
    })
    await stage.runner.kill(id)
    const during = await subject.schedule()
    expect(during).toMatchObject({ verdict: 'skipped' })
    expect(during.reason).toContain(`is running: ${stage.hub.url}/jobs/acme/`)
    await until(() => jobsOf(stage, subject)[0]?.stage === 'COMPLETED')
    expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
    expect(claims(stage, subject.name)).toMatchObject([
      { state: 'succeeded', metrics: { eval_accuracy: 0.75 } },
    ])
    expect(jobsOf(stage, subject)).toHaveLength(1)
  })
})

function isAlive(pid: string): boolean {
  try {
    // A process that only waits to be reaped has no command line.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
  } catch {
    return false
  }
}
