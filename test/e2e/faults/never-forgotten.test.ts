import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { actionRun } from '../stage/action-run.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Stage, startStage } from '../stage/stage.ts'
import { begin, jobScript, jobsOf, machinePath, pushModel, runnerScript } from '../stage/trainings.ts'
import { until } from '../stage/until.ts'

let stage: Stage
let folder: string
/** Their runners kill a cancelled step before it can do anything. */
let merciless: Stage[]

/** What GitHub answers once the step is killed: it is down, or the workflow's token has expired. */
const answers = [500, 401]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'never-forgotten-'))
  const kill = () => startStage({ runner: { waits: { interrupt: 0, terminate: 0 } } })
  stage = await startStage()
  merciless = await Promise.all([...answers.map(kill), kill()])
})
afterAll(async () => {
  await Promise.all([stage, ...merciless].map((each) => each.close()))
  rmSync(folder, { recursive: true, force: true })
})

describe('A step that is killed', () => {
  test.concurrent.each(answers.map((status, index) => ({ status, index })))(
    'The Job is stopped at the Hub although GitHub answers $status, and the next check records it.',
    async ({ status, index }) => {
      const on = merciless[index] as Stage
      const subject = on.case()
      const id = await begin(on, subject, { inputs: jobScript('sleep 100') })
      const down = on.github.fault({
        path: /./,
        status,
        headers: { 'retry-after': '0' },
        times: Number.POSITIVE_INFINITY,
      })
      const { post } = actionRun(await on.runner.cancel(id))
      expect(down.hits).toBeGreaterThan(0)
      down.lift()
      expect(jobsOf(on, subject)).toMatchObject([{ stage: 'CANCELED' }])
      expect(post?.rawOutput).toContain('Stopped the training')
      expect(post?.annotations).toMatchObject([
        { kind: 'warning', message: expect.stringContaining('the next check of this workflow does it') },
      ])
      expect(claims(on, subject.name)).toMatchObject([{ state: 'started' }])
      expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
      expect(claims(on, subject.name)).toMatchObject([{ state: 'cancelled' }])
      expect(jobsOf(on, subject)).toHaveLength(1)
    },
  )

  test.concurrent('A command whose step is killed does not live on where the runner ends nothing, and nothing trains beside it.', async () => {
    const on = merciless.at(-1) as Stage
    const subject = on.case()
    const pids = join(folder, 'pids')
    // Without the mark by which GitHub's own runner finds what a job left running, as with other runners.
    const script = `trap "" INT TERM; sleep 300 & echo $! $$ > ${pids}.new; mv ${pids}.new ${pids}; wait`
    const inputs = runnerScript(`exec env -u RUNNER_TRACKING_ID bash -c '${script}'`)
    const id = await begin(on, subject, { inputs })
    await until(() => existsSync(pids))
    const { post } = actionRun(await on.runner.cancel(id))
    expect(post?.rawOutput).toContain('Ended the processes of the command')
    expect(readFileSync(pids, 'utf8').trim().split(' ').filter(isAlive)).toEqual([])
    const [record] = claims(on, subject.name)
    expect(record).toMatchObject({ state: 'cancelled', cause: 'workflow' })
    expect(record?.reason).toMatch(/^The step was ended \(cancelled, or its time limit was reached\)/)
  })
})

test.concurrent('A Job that the Hub does not show for a minute is not given up: it may still be running, and every check asks again.', async () => {
  const subject = stage.case()
  const go = 'acme/go'
  const isThere = `fetch(process.env.HF_ENDPOINT + '/api/datasets/${go}').then(({ ok }) => process.exit(ok ? 0 : 1))`
  const id = await begin(stage, subject, {
    inputs: jobScript(
      `until ${machinePath(process.execPath)} -e "${isThere}"; do sleep 0.5; done; ${pushModel}`,
    ),
  })
  const [job] = jobsOf(stage, subject)
  const hidden = stage.hub.jobs.hide({ job: (each) => each.id === job?.id })
  const run = actionRun(await stage.runner.finished(id))
  expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
  expect(run.reason).toContain(`may still be running and billed: ${run.outputs['run-url']}`)
  expect(claims(stage, subject.name)).toMatchObject([{ state: 'out-of-sight' }])
  const during = await subject.schedule()
  expect(during).toMatchObject({ verdict: 'skipped', warnings: [during.reason] })
  hidden.lift()
  expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
  expect(claims(stage, subject.name)).toMatchObject([{ state: 'started' }])
  stage.hub.createDataset({ name: go })
  await until(() => job?.stage === 'COMPLETED')
  expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
  expect(claims(stage, subject.name)).toMatchObject([{ attempt: 1, state: 'succeeded' }])
  expect(jobsOf(stage, subject)).toHaveLength(1)
})

function isAlive(pid: string): boolean {
  try {
    // A process that only waits to be reaped has no command line.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
  } catch {
    return false
  }
}
