import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { TrainingEnd } from '../../../src/domain/training.ts'
import { UnclearStart } from '../../../src/domain/verdict.ts'
import { failed } from '../provider.ts'
import { type Rig, startRig } from '../rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const byPerson: TrainingEnd = {
  ...failed,
  verdict: 'cancelled',
  cause: 'person',
  reason: 'The Job was cancelled on the Hub.',
}

test('A start without an answer is said when the workflow is cancelled during it', async () => {
  const cancelled = new AbortController()
  rig.provider.does({
    start: async () => {
      cancelled.abort(new Error('The workflow was cancelled.'))
      throw new UnclearStart('A Job named digits-1 may be running and billed: https://hub.test/jobs/ann.')
    },
  })
  const { outcome } = await rig.run({ signal: cancelled.signal })
  expect(outcome.reason).toContain('may be running and billed')
})

test('The cost and the beginning of a run that was still queued when the workflow was cancelled are known', async () => {
  const cancelled = new AbortController()
  const queued: TrainingEnd = { ...byPerson, began: false, cost: 0, trainedMs: 0 }
  rig.provider.does({
    follow: async () => {
      cancelled.abort(new Error('The workflow was cancelled.'))
      throw new Error('aborted')
    },
    inspect: async () => queued,
  })
  await rig.run({ signal: cancelled.signal })
  expect(await rig.records()).toMatchObject([
    { state: 'cancelled', cause: 'workflow', began: false, cost: 0 },
  ])
})

test('A training that lost its machine a moment before the workflow was cancelled did not end with it', async () => {
  const lost: TrainingEnd = {
    ...failed,
    cause: 'training',
    reason: 'The Job failed (exit code 1).',
    cost: 0.3,
    trainedMs: 60_000,
  }
  const cancelled = new AbortController()
  rig.provider.does({
    follow: async () => {
      rig.provider.endAll(lost)
      cancelled.abort(new Error('The workflow was cancelled.'))
      throw new Error('aborted')
    },
  })
  await rig.run({ signal: cancelled.signal })
  expect(await rig.records()).toMatchObject([{ state: 'failed', cause: 'training', cost: 0.3 }])
})
