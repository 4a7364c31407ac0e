import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type JobStage, stageJobs } from '../trainers/jobs/job-stage.ts'
import { failed } from '../run/provider.ts'
import { digits, type Rig, startRig } from '../run/rig.ts'
import { minute } from '../run/workflow-repository.ts'

describe('J1 a Job that ended before it began', () => {
  let stage: JobStage
  beforeEach(async () => {
    stage = await stageJobs({ speed: 100 })
  })
  afterEach(() => stage.close())

  test('never began, which is infrastructure', async () => {
    stage.sandbox.jobs.setFree('t4-small', false)
    const run = await stage.start(stage.order({ command: 'true' }))
    const [job] = stage.sandbox.jobs.all
    const queued = { stage: job?.stage, message: job?.message, finishedAt: job?.finishedAt }
    Object.assign(job ?? {}, { stage: 'ERROR', message: 'Failed to schedule the Job', startedAt: null, finishedAt: new Date() })
    const end = await stage.inspect(run)
    Object.assign(job ?? {}, queued)
    await stage.cancel(run)
    expect(end).toMatchObject({ began: false, cost: 0, cause: 'infrastructure' })
  })
})

describe('J2 the order of attempts', () => {
  let rig: Rig
  beforeEach(async () => {
    rig = await startRig()
  })
  afterEach(() => rig.close())

  test('The record of a run that was out of sight until its deadline counts as one that trained long', async () => {
    const recipes = [digits({ maxCost: 99 })]
    const lost = { ...failed, cause: 'infrastructure' as const, trainedMs: null, cost: null }
    for (let n = 0; n < 3; n += 1) {
      rig.provider.does({ follow: async () => (rig.provider.endAll(lost), lost) })
      await rig.run({ recipes })
      rig.home.clock.advance(5 * 60 * minute)
    }
    // Each may have trained up to its timeout: unknown counts as the most.
    expect(rig.provider.paid).toHaveLength(2)
  })
})
