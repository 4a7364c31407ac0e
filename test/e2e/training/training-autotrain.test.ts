import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { digitFiles } from '../../demo/digits.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { begin, commentsOn, jobsOf, modelFile, tokenIn } from '../stage/trainings.ts'
import { until } from '../stage/until.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage({ runner: { machines: 5 } })
})
afterAll(() => stage.close())

const autotrain = { trainer: 'autotrain', discussion: 'thread' }

/** A dataset of digits, all of which the commit brings. */
function digits(change: (path: string) => string | null = (path) => path): Case {
  const files = Object.entries(digitFiles({ from: 0, perDigit: 6 })).flatMap(([path, png]) => {
    const changed = change(path)
    return changed === null ? [] : [[changed, png]]
  })
  return stage.case({ files: Object.fromEntries(files) })
}

const ofClass = (...digits: number[]) => {
  return (path: string) => (digits.includes(Number(path.split('/')[1])) ? path : null)
}

describe('AutoTrain on a Job', () => {
  test.concurrent('AutoTrain trains on the commit, and verdict, metrics, model card, thread, record and summary agree.', async () => {
    const subject = digits()
    subject.workflow(autotrain)
    const run = await subject.dispatch({ id: 'delivery-of-digits' })
    expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0, errors: [], warnings: [] })
    const { model = '', metrics = '{}' } = run.outputs
    expect(model).toBe(`acme/${subject.name}-${subject.head().slice(0, 7)}`)
    const measured = JSON.parse(metrics)
    expect(measured.eval_accuracy).toBeGreaterThan(0)

    const [job, ...others] = jobsOf(stage, subject)
    expect(others).toEqual([])
    expect(job?.spec.volumes).toMatchObject([{ type: 'dataset', revision: subject.head(), readOnly: true }])
    expect(run.outputs).toMatchObject({
      'run-id': job?.id,
      'run-url': `${stage.hub.url}/jobs/acme/${job?.id}`,
    })

    expect(await modelFile(stage, model, 'config.json')).toContain('model_type')
    const card = await modelFile(stage, model, 'README.md')
    expect(card).toContain(`datasets/${subject.dataset}/tree/${subject.head()}`)
    expect(card).toContain(run.outputs['discussion-url'])

    const comments = commentsOn(stage, subject)
    expect(comments).toMatchObject([{ edited: true, numEdits: 1 }])
    // AutoTrain makes private models, and the dataset is public.
    expect(comments[0]?.raw).toContain('The result is a private model')
    expect(comments[0]?.raw).not.toContain(model)
    expect(claims(stage, subject.name)).toMatchObject([
      { state: 'succeeded', metrics: measured, model, deliveryId: 'delivery-of-digits' },
    ])
    expect(run.summary).toContain('Model trained')
    expect(run.summary).toContain('Trained on commit')
    expect(await tokenIn(stage, subject, run)).toEqual([])
  })

  test.concurrent('Without waiting, the next run completes the record, metrics, thread and model card.', async () => {
    const subject = digits()
    const first = await subject.manual({ ...autotrain, wait: 'false' })
    expect(first).toMatchObject({ verdict: 'started', exitCode: 0 })
    expect(commentsOn(stage, subject)).toMatchObject([{ edited: false }])
    await until(() => jobsOf(stage, subject)[0]?.stage === 'COMPLETED')
    expect(claims(stage, subject.name)).toMatchObject([{ state: 'started' }])

    const next = await subject.schedule()
    expect(next).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    const [record] = claims(stage, subject.name)
    expect(record).toMatchObject({ state: 'succeeded' })
    expect(record?.metrics?.eval_accuracy).toBeGreaterThan(0)
    expect(commentsOn(stage, subject)).toMatchObject([{ edited: true, numEdits: 1 }])
    const card = await modelFile(stage, first.outputs.model ?? '', 'README.md')
    expect(card).toContain(`datasets/${subject.dataset}/tree/${subject.head()}`)
    expect(jobsOf(stage, subject)).toHaveLength(1)
  })

  test.concurrent('An AutoTrain failure with exit code 0 fails the step with its error.', async () => {
    // AutoTrain meets the picture while it trains, prints a traceback, and ends with 0.
    const subject = digits(ofClass(0, 1))
    subject.commit({ 'train/0/broken.png': 'Not Found' })
    const run = await subject.manual(autotrain)
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.errors).toHaveLength(1)
    expect(run.errors[0]).toMatch(/^The Job failed \(Job failed with exit code: 1\): \w+/)
    expect(claims(stage, subject.name)).toMatchObject([{ state: 'failed' }])
    expect(commentsOn(stage, subject)).toMatchObject([{ edited: true }])
  })

  test.concurrent('A training whose model did not reach the Hub has failed, and so has its Job.', async () => {
    const subject = digits(ofClass(0, 1))
    const path = new RegExp(`/api/models/acme/${subject.name}-[0-9a-f]{7}/(commit|preupload)/`)
    // What TensorBoard would show is pushed at the first step, with two requests; the model at the end.
    stage.hub.fault({ method: 'POST', path, times: 2, until: Promise.resolve() })
    stage.hub.fault({ method: 'POST', path, status: 403, times: Number.POSITIVE_INFINITY })
    const run = await subject.manual(autotrain)
    expect(jobsOf(stage, subject)).toMatchObject([{ stage: 'ERROR' }])
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.reason).toMatch(/^The training ended well, but the push of its model to the Hub failed/)
    expect(claims(stage, subject.name)).toMatchObject([{ state: 'failed' }])
  })

  test.concurrent('The reason says when AutoTrain could only read the head, which moved during the training.', async () => {
    const subject = digits((path) =>
      ofClass(0, 1)(path) === null ? null : path.replace('train/', 'train/more/'),
    )
    const before = subject.head()
    const id = await begin(stage, subject, { inputs: autotrain })
    const after = subject.commit(digitFiles({ from: 6, perDigit: 1 }) as unknown as Record<string, string>)
    await stage.runner.finished(id)
    const [record] = claims(stage, subject.name)
    expect(record).toMatchObject({ revision: before, state: 'succeeded' })
    expect(record?.reason).toContain(`main moved to ${after.slice(0, 7)} while the Job ran`)
    expect(jobsOf(stage, subject)[0]?.spec.volumes ?? []).toEqual([])
  })
})
