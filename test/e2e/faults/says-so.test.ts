import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { actionRun } from '../stage/action-run.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Stage, startStage } from '../stage/stage.ts'
import { begin, commentsOn, jobScript, jobsOf, pushModel, runnerScript } from '../stage/trainings.ts'

let stage: Stage
/** Its runner kills a cancelled step before it can do anything. */
let merciless: Stage

beforeAll(async () => {
  stage = await startStage({ runner: { machines: 4 } })
  merciless = await startStage({ runner: { waits: { interrupt: 0, terminate: 0 } } })
})
afterAll(() => Promise.all([stage.close(), merciless.close()]))

describe('A success is one only with its model', () => {
  test.concurrent.each([
    ['A script on a Job', jobScript],
    ['A command on the runner', runnerScript],
  ])(
    '%s that ends well and pushes nothing has failed, and no dead link stands anywhere.',
    async (_who, inputs) => {
      const subject = stage.case()
      const run = await subject.manual(inputs('echo nothing'))
      expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
      const model = claims(stage, subject.name)[0]?.model ?? ''
      expect(run.reason).toMatch(
        /exit code 0 but pushed no model to .*Set expect-model: false if it pushes none\.$/,
      )
      for (const text of [run.summary, JSON.stringify(commentsOn(stage, subject))]) {
        expect(text).not.toContain(`${stage.hub.url}/${model}`)
      }
      expect(claims(stage, subject.name)).toMatchObject([{ state: 'failed', cause: 'training' }])
    },
  )

  test.concurrent('AutoTrain that was killed while it pushed has failed, although it ended with exit code 0.', async () => {
    const subject = stage.case()
    const log =
      'INFO | autotrain.trainers.image_classification.__main__:train:222 - Finished training, saving model'
    const run = await subject.manual(runnerScript(`echo "${log}"; ${pushModel} --half; echo Killed; exit 0`))
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.reason).toMatch(/^AutoTrain ended with exit code 0 but pushed no README\.md, config\.json/)
    expect(claims(stage, subject.name)).toMatchObject([{ state: 'failed' }])
  })
})

test.concurrent('A skip that is due to an earlier failure is a warning that links it and names the way back.', async () => {
  const subject = stage.case()
  subject.workflow(jobScript('echo "ValueError: no good"; exit 1'))
  const failed = await subject.schedule()
  expect(failed).toMatchObject({ verdict: 'failed' })
  for (const run of [await subject.schedule(), await subject.dispatch()]) {
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0, notices: [], warnings: [run.reason] })
    expect(run.reason).toBe(
      `Not retrying: training on ${subject.head().slice(0, 7)} failed (${failed.outputs['run-url']}). ` +
        'Fixed it? Run workflow. (Re-run jobs uses the old workflow file.)',
    )
    expect(run.summary).toMatch(/^## ⚠️ Not trained/m)
    expect(run.summary).toContain('Run workflow')
    expect(run.summary).toContain(failed.outputs['run-url'])
  }
})

test.concurrent('A step that was killed has a job summary: which training was stopped, and where it is.', async () => {
  const subject = merciless.case()
  const id = await begin(merciless, subject, { inputs: jobScript('sleep 100') })
  const { step, post } = actionRun(await merciless.runner.cancel(id))
  const [job] = jobsOf(merciless, subject)
  expect(step.summary).toBe('')
  expect(post?.summary).toMatch(/^## 🛑/m)
  expect(post?.summary).toContain(`${merciless.hub.url}/jobs/acme/${job?.id}`)
  expect(post?.summary).toMatch(
    /^The step was ended \\\(cancelled, or its time limit was reached\\\), and the training with it/m,
  )
})

test('A commit that GitHub does not know ends in a sentence that says to push it.', async () => {
  const subject = stage.case()
  const unknown = stage.github.fault({
    method: 'POST',
    path: /\/git\/tags$/,
    status: 422,
    body: { message: 'Object does not exist' },
    times: Number.POSITIVE_INFINITY,
  })
  const run = await subject.manual(jobScript('echo never'))
  unknown.lift()
  expect(run).toMatchObject({ verdict: 'refused', exitCode: 1, errors: [run.reason] })
  expect(run.reason).toMatch(/GITHUB_SHA.*is not a commit of acme\/retrain: push it first\.$/)
  expect(jobsOf(stage, subject)).toEqual([])
})
