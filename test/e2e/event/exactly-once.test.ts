import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { envelopeFor } from '../stage/dispatches.ts'
import { expectOneTraining } from '../stage/one-training.ts'
import { type Stage, startStage } from '../stage/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

describe('A revision that several runs could train', () => {
  test.concurrent('One training comes of a dispatch that arrives twice, and the second run links the first.', async () => {
    const subject = stage.case()
    const envelope = await envelopeFor({ dataset: subject.dataset, sha: subject.head() })
    const first = await subject.dispatchRaw(envelope)
    const second = await subject.dispatchRaw(envelope)
    expect(first).toMatchObject({ verdict: 'started' })
    expect(second).toMatchObject({ verdict: 'skipped', exitCode: 0, errors: [] })
    expect(second.reason).toBe(
      `The training on ${subject.head().slice(0, 7)} is prepared, and starts when a person launches it: ` +
        `${first.outputs['run-url']}.`,
    )
    expectOneTraining(stage, subject)
  })

  test.concurrent('One training comes of five dispatches in the same second.', async () => {
    const subject = stage.case()
    // They look into the ledger, wait, and then reach for the claim together.
    subject.workflow({ settle: '1s' })
    const runs = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => subject.dispatch({ id })))
    expect(runs.map(({ verdict }) => verdict).sort()).toEqual([...Array(4).fill('skipped'), 'started'])
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0])
    expectOneTraining(stage, subject)
  })

  test.concurrent('One training comes of an event, a schedule and a manual run in the same second.', async () => {
    const subject = stage.case()
    const runs = await Promise.all([subject.dispatch(), subject.schedule(), subject.manual()])
    expect(runs.filter(({ verdict }) => verdict === 'started')).toHaveLength(1)
    expectOneTraining(stage, subject)
  })

  test.concurrent('One training comes of a run that is re-run after it started the training.', async () => {
    const subject = stage.case()
    const first = await subject.dispatch()
    const again = await subject.rerun(first)
    expect(again).toMatchObject({
      verdict: 'started',
      exitCode: 0,
      outputs: { 'run-url': first.outputs['run-url'] },
    })
    // What a person has to do has not changed.
    expect(again.reason).toBe(first.reason)
    expect(again.reason).toMatch(/is prepared: review the cost and launch the training in AutoTrain\.$/)
    expectOneTraining(stage, subject)
  })
})
