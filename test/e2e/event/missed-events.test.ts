import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { claims } from '../stage/ledger-records.ts'
import { type Stage, startStage } from '../stage/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

describe('The schedule', () => {
  test.concurrent('A scheduled run trains a commit that a webhook missed, once.', async () => {
    const subject = stage.case()
    await subject.dispatch()
    const missed = subject.commit()
    const caught = await subject.schedule()
    expect(caught).toMatchObject({ verdict: 'started', exitCode: 0, outputs: { revision: missed } })
    expect(claims(stage, subject.name).at(-1)).toMatchObject({ trigger: 'schedule', deliveryId: null })
    for (const run of [await subject.schedule(), await subject.dispatch()]) {
      expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    }
    expect(subject.projects()).toHaveLength(2)
  })

  test.concurrent('Without a relay, a scheduled run trains the newest of several commits.', async () => {
    const subject = stage.case()
    subject.workflow({ 'webhook-secret': undefined })
    subject.commit()
    subject.commit()
    const head = subject.commit()
    expect(await subject.schedule()).toMatchObject({ verdict: 'started', outputs: { revision: head } })
    expect(subject.projects()).toHaveLength(1)
  })
})
