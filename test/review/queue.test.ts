import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type JobStage, stageJobs } from '../trainers/jobs/job-stage.ts'

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
    Object.assign(job ?? {}, {
      stage: 'ERROR',
      message: 'Failed to schedule the Job',
      startedAt: null,
      finishedAt: new Date(),
    })
    const end = await stage.inspect(run)
    Object.assign(job ?? {}, queued)
    await stage.cancel(run)
    expect(end).toMatchObject({ began: false, cost: 0, cause: 'infrastructure' })
  })
})
