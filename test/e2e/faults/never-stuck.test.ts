import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { envelopeFor } from '../stage/dispatches.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { begin, commentsOn, jobScript, jobsOf, pushModel } from '../stage/trainings.ts'
import { until } from '../stage/until.ts'

const hourMs = 3_600_000

let stage: Stage
/** Its Hub believes that it is earlier, as when something has waited for hours by now. */
let earlier: Stage
let hubIsBehindMs = 0

beforeAll(async () => {
  stage = await startStage({ runner: { machines: 6 } })
  earlier = await startStage({ now: () => Date.now() - hubIsBehindMs })
})
afterAll(() => Promise.all([stage.close(), earlier.close()]))

/** Does something hours ago, by the Hub's clock. */
async function hoursAgo<T>(hours: number, act: () => T | Promise<T>): Promise<T> {
  hubIsBehindMs = hours * hourMs
  const result = await act()
  hubIsBehindMs = 0
  return result
}

describe('Hardware and credits', () => {
  test('A Job that never got hardware is cancelled by a later check, costs nothing, and is ordered again.', async () => {
    const subject = earlier.case()
    subject.workflow(jobScript(pushModel, { wait: 'false', hardware: 'l4x1', timeout: '5m' }))
    earlier.hub.jobs.setFree('l4x1', false)
    expect(await hoursAgo(3, () => subject.schedule())).toMatchObject({ verdict: 'started' })

    expect(await subject.schedule()).toMatchObject({ verdict: 'started', exitCode: 0 })
    expect(jobsOf(earlier, subject)).toMatchObject([{ stage: 'CANCELED' }, { stage: 'SCHEDULING' }])
    expect(claims(earlier, subject.name)).toMatchObject([
      { state: 'failed', began: false, cause: 'infrastructure', cost: 0 },
      { attempt: 2, state: 'started' },
    ])
    earlier.hub.jobs.setFree('l4x1', true)
    await until(() => jobsOf(earlier, subject)[1]?.stage === 'COMPLETED')
    expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
    expect(claims(earlier, subject.name)).toMatchObject([{ state: 'failed' }, { state: 'succeeded' }])
  })

  test('A training that credits ended is trained by the next check once there are credits again.', async () => {
    const subject = earlier.case()
    const inputs = jobScript('sleep 60', { 'target-namespace': 'ada' })
    const id = await begin(earlier, subject, { inputs })
    earlier.hub.jobs.useUpCredits('ada')
    await earlier.runner.finished(id)
    expect(claims(earlier, subject.name)).toMatchObject([{ state: 'failed', cause: 'infrastructure' }])
    earlier.hub.jobs.setCredits('ada', true)
    subject.workflow({ ...inputs, command: pushModel })
    expect(await subject.schedule()).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
  })
})

test('Commits that come faster than settle are trained once the oldest is old, without another wait.', async () => {
  const subject = earlier.case()
  subject.workflow(jobScript(pushModel, { settle: '1h' }))
  await hoursAgo(6, () => subject.commit())
  subject.commit()
  const head = subject.commit()
  const run = await subject.schedule()
  expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0, outputs: { revision: head } })
  expect(run.step.log.join('\n')).toMatch(/Not waiting: the oldest untrained commit is older than 5 h/)
})

describe('A dataset that changes under the same data', () => {
  test.concurrent('A squashed history trains nothing, and new data after it is trained.', async () => {
    const subject = stage.case()
    subject.workflow(jobScript(pushModel))
    subject.commit()
    expect(await subject.schedule()).toMatchObject({ verdict: 'succeeded' })
    stage.hub.squash(subject.dataset)
    for (const run of [await subject.schedule(), await subject.dispatch()]) {
      expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0, warnings: [] })
      expect(run.reason).toMatch(/^No relevant file changed since the training on [0-9a-f]{7} \(http/)
    }
    subject.commit({ 'train/2/new.txt': 'two' })
    expect(await subject.dispatch()).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
    expect(jobsOf(stage, subject)).toHaveLength(2)
  })

  test.concurrent('A renamed dataset goes on under its old ledger: a warning names the new name, and new data is trained.', async () => {
    const subject = stage.case()
    subject.workflow(jobScript(pushModel))
    expect(await subject.schedule()).toMatchObject({ verdict: 'succeeded' })
    const renamed = `${subject.dataset}-renamed`
    stage.hub.rename(subject.dataset, renamed)
    const after = await subject.schedule()
    expect(after).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    expect(after.warnings).toEqual([
      `The dataset ${subject.dataset} is called ${renamed} now: set input-dataset to that name, ` +
        "and the relay's INPUT_DATASET or RELAY_ROUTES.",
    ])
    const { sha } = stage.hub.commit(renamed, { files: { 'train/3/new.txt': 'three' } })
    const event = await subject.dispatchRaw(await envelopeFor({ dataset: renamed, sha }))
    expect(event).toMatchObject({ verdict: 'succeeded', exitCode: 0, outputs: { revision: sha } })
    // The config follows: the same recipe, and nothing is trained twice.
    subject.workflow({ ...jobScript(pushModel), 'input-dataset': renamed })
    expect(await subject.schedule()).toMatchObject({ verdict: 'skipped', warnings: [] })
    expect(jobsOf(stage, subject)).toHaveLength(2)
    expect(new Set(claims(stage, subject.name).map(({ recipe }) => recipe)).size).toBe(1)
    expect(commentsOn(stage, { ...subject, dataset: renamed })).toHaveLength(2)
  })
})

describe('After a failure', () => {
  const broken = (subject: Case) => subject.workflow(jobScript('echo "ValueError: a typo"; exit 1'))

  test.concurrent('A recipe that was fixed trains by itself at the next check.', async () => {
    const subject = stage.case()
    broken(subject)
    expect(await subject.schedule()).toMatchObject({ verdict: 'failed' })
    expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
    subject.workflow(jobScript(pushModel))
    expect(await subject.schedule()).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
    expect(claims(stage, subject.name)).toMatchObject([{ state: 'failed' }, { state: 'succeeded' }])
  })

  test.concurrent('A person who runs the workflow trains again, whatever failed.', async () => {
    const subject = stage.case()
    broken(subject)
    expect(await subject.schedule()).toMatchObject({ verdict: 'failed' })
    expect(await subject.manual()).toMatchObject({ verdict: 'failed' })
    expect(jobsOf(stage, subject)).toHaveLength(2)
  })

  test.concurrent('Re-run jobs after the runner was lost reports the training that ended meanwhile, so that later jobs run.', async () => {
    const subject = stage.case()
    const id = await begin(stage, subject, {
      inputs: jobScript(`sleep 2; echo "{'eval_accuracy': 0.75, 'epoch': 3.0}"; ${pushModel}`),
    })
    await stage.runner.kill(id)
    await until(() => jobsOf(stage, subject)[0]?.stage === 'COMPLETED')
    expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
    const rerun = async () => stage.runner.finished((await stage.runner.rerun(id)).id)
    for (const run of [await rerun(), await rerun()]) {
      const outputs = run.jobs.flatMap(({ steps }) => steps).find((step) => step.id === 'retrain')?.outputs
      expect(run.conclusion).toBe('success')
      expect(outputs).toMatchObject({
        verdict: 'succeeded',
        revision: subject.head(),
        model: claims(stage, subject.name)[0]?.model,
        'run-id': jobsOf(stage, subject)[0]?.id,
      })
      expect(JSON.parse(outputs?.metrics ?? '')).toEqual({ eval_accuracy: 0.75 })
    }
    expect(jobsOf(stage, subject)).toHaveLength(1)
  })
})
