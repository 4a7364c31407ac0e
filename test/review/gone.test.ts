import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { isOverdue } from '../../src/ledger/decide.ts'
import { readRecord } from '../../src/ledger/record.ts'
import { jobSummary } from '../../src/report/summary/summary.ts'
import type { TrainingEnd } from '../../src/domain/training.ts'
import { UnclearStart } from '../../src/domain/verdict.ts'
import { failed, succeeded } from '../run/provider.ts'
import { dataset, digits, type Rig, startRig } from '../run/rig.ts'
import { minute } from '../run/workflow-repository.ts'

let rig: Rig
const hour = 60 * minute
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

test('I1 A run whose dataset is gone is still closed by the checks', async () => {
  const recipes = [digits({ wait: false })]
  await rig.run({ recipes })
  rig.hub.deleteRepository(dataset)
  rig.provider.endAll(succeeded)
  for (let day = 0; day < 3; day += 1) {
    rig.home.clock.advance(24 * hour)
    await rig.run({ recipes })
  }
  expect(await rig.records()).toMatchObject([{ state: 'succeeded' }])
})

test('I2 “Re-run jobs” asks the ledger before the head: a success is reported although the dataset is gone', async () => {
  await rig.run({ runId: '7' })
  rig.hub.deleteRepository(dataset)
  const { outcome } = await rig.run({ runId: '7', runAttempt: 2 })
  expect(outcome.verdict).toBe('succeeded')
})

test('I3 An unclear order is looked for although the dataset is gone', async () => {
  const { start } = rig.provider.trainer()
  rig.provider.does({
    start: async (order, context) => {
      await start(order, context)
      throw new UnclearStart('A Job may be running and billed. Every check looks for it until its deadline.')
    },
  })
  await rig.run()
  rig.hub.deleteRepository(dataset)
  rig.home.clock.advance(11 * minute)
  await rig.run()
  expect(await rig.records()).not.toMatchObject([{ state: 'claimed' }])
})

test('I4 A training that lost its machine a moment before the workflow was cancelled did not end with it', async () => {
  const lost: TrainingEnd = { ...failed, cause: 'training', reason: 'The Job failed (exit code 1).', cost: 0.3, trainedMs: 60_000 }
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

test('I5 A run that an edited recipe has left behind under its old key is still closed', async () => {
  await rig.run({ recipes: [digits({ wait: false })] })
  rig.provider.endAll(succeeded)
  const edited = digits({ wait: false, task: 'text-classification' as never })
  for (let day = 0; day < 3; day += 1) {
    rig.home.clock.advance(24 * hour)
    await rig.run({ recipes: [edited] })
  }
  expect((await rig.records()).map(({ state }) => state)).toEqual(['succeeded'])
})

test('I6 A dataset that is private by now is not named because an older event says that it was public', async () => {
  const old = rig.head()
  rig.commit()
  Object.assign(rig.hub.repository(dataset), { private: true })
  const event = {
    event: { action: 'update', scope: 'repo.content' },
    repo: { type: 'dataset', name: dataset, id: undefined, private: false, headSha: old },
    updatedRefs: [{ ref: 'refs/heads/main', oldSha: null, newSha: old }],
    movedTo: undefined,
    webhook: undefined,
  }
  const { outcome } = await rig.run({ request: { event } })
  expect(outcome.reason).toContain('Superseded')
  const summary = jobSummary([outcome], { trigger: 'dispatch', delivery: null, workflowUrl: 'https://github.test/x', repositoryVisibility: 'public', hubUrl: rig.hub.url })
  expect([outcome.datasetVisibility, summary.includes(dataset)]).toEqual(['private', false])
})

test('I7 A claim of version 1 without a run has a deadline, at which it is closed', async () => {
  const first = {
    version: 1, recipe: 'k', revision: 'a'.repeat(40), attempt: 1, nonce: 'n', atHead: true, deliveryId: null, trigger: 'schedule',
    workflow: { runId: '1', runAttempt: 1, url: 'https://github.test/1' }, trainer: 'job', project: 'p', run: null, model: null,
    discussionUrl: null, verdict: null, reason: null, metrics: null, costEstimate: null,
    times: { claimed: '2026-01-01T00:00:00.000Z', started: null, finished: null }, deadline: null,
  }
  const record = readRecord(JSON.stringify(first))
  expect(record?.state).toBe('claimed')
  expect(record !== null && isOverdue(record, Date.parse('2027-01-01T00:00:00.000Z'))).toBe(true)
})
