import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { NotStarted } from '../../src/domain/training.ts'
import { minute } from '../ledger/local-ledger.ts'
import { digits, type Rig, startRig, succeeded } from './rig.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const refuse = async () => {
  throw new NotStarted('The provider has no machine free.')
}
const never = async () => {
  throw new Error('Nobody can tell whether it was started. Look at https://provider.test/jobs.')
}
const deletion = { method: 'DELETE', path: /\/git\/refs\// }
const refs = () => [...rig.local.git.refs.keys()].filter((ref) => ref.startsWith('refs/auto-retrain/'))
const claims = () => refs().filter((ref) => !ref.includes('/day/'))

describe('A start that certainly never began', () => {
  test('frees its revision: the claim and its slot are gone, and the next run trains it.', async () => {
    const { start } = rig.provider.trainer()
    rig.provider.does({ start: refuse })
    const { outcome, pending } = await rig.run()
    expect(outcome).toMatchObject({ verdict: 'failed', reason: 'The provider has no machine free.' })
    expect(refs()).toEqual([])
    expect(pending.trainings).toEqual([])
    rig.provider.does({ start })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded', attempt: 1 })
  })

  test.each([
    ['cannot be deleted any more', deletion],
    ['cannot be looked at', { method: 'GET', path: /\/git\/ref\// }],
  ])('frees its revision also when its claim %s.', async (_what, request) => {
    const { start } = rig.provider.trainer()
    rig.provider.does({
      start: async () => {
        rig.local.github.fault({ ...request, status: 500, times: 4 })
        return refuse()
      },
    })
    await rig.run()
    expect(await rig.records()).toMatchObject([{ verdict: 'cancelled', run: null, times: { started: null } }])
    rig.provider.does({ start })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded', attempt: 2 })
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('of a trainer that nobody can look up frees its revision, though it was written down beforehand.', async () => {
    const { start } = rig.provider.trainer()
    rig.provider.does({ start: refuse, find: undefined })
    await rig.run()
    expect(claims()).toEqual([])
    rig.provider.does({ start })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded', attempt: 1 })
  })
})

describe('A start whose answer nobody had', () => {
  test('keeps its claim for ten minutes, and is then trained anew when the provider knows of none.', async () => {
    const { start } = rig.provider.trainer()
    rig.provider.does({ start: never })
    const { outcome, pending } = await rig.run()
    expect(outcome).toMatchObject({ verdict: 'failed', reason: expect.stringContaining('Look at https://') })
    expect(pending.trainings).toHaveLength(1)
    rig.provider.does({ start })
    rig.local.clock.advance(9 * minute)
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'skipped' })
    rig.local.clock.advance(minute)
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded', attempt: 2 })
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('is found by the next run when it did begin, and is not bought twice.', async () => {
    const { start } = rig.provider.trainer()
    rig.provider.does({
      start: async (order, context) => {
        await start(order, context)
        return never()
      },
    })
    await rig.run()
    rig.provider.does({ start })
    rig.local.clock.advance(11 * minute)
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'skipped' })
    expect(await rig.records()).toMatchObject([{ verdict: 'started', run: { id: expect.any(String) } }])
    rig.provider.end = succeeded
    await rig.run()
    expect(await rig.records()).toMatchObject([{ verdict: 'succeeded', metrics: { eval_accuracy: 0.9 } }])
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('is told of also when the workflow is cancelled meanwhile.', async () => {
    const cancelled = new AbortController()
    rig.provider.does({
      start: async () => {
        cancelled.abort(new Error('The workflow was cancelled.'))
        return never()
      },
    })
    const { outcome, pending } = await rig.run({ signal: cancelled.signal })
    expect(outcome).toMatchObject({
      verdict: 'cancelled',
      reason:
        'The workflow was cancelled. Nobody can tell whether it was started. Look at https://provider.test/jobs.',
    })
    expect(pending.trainings).toHaveLength(1)
  })
})

describe('Right before the call that costs it is asked once more', () => {
  test('whether the workflow was cancelled: then nothing is bought, and the claim is given back.', async () => {
    const { start } = rig.provider.trainer()
    const cancelled = new AbortController()
    rig.provider.does({
      start: (order, context) => {
        cancelled.abort(new Error('The workflow was cancelled.'))
        return start(order, context)
      },
    })
    const { outcome, pending } = await rig.run({ signal: cancelled.signal })
    expect(outcome).toMatchObject({ verdict: 'cancelled', reason: 'The workflow was cancelled.' })
    expect(rig.provider.paid).toEqual([])
    expect(claims()).toEqual([])
    expect(pending).toMatchObject({ trainings: [], settled: [expect.stringContaining('was not started')] })
  })

  test.each([
    ['a trainer whose runs can be looked up', {}],
    ['a trainer whose runs nobody can look up', { find: undefined }],
  ])('whether the claim is still young, for %s.', async (_what, change) => {
    const { start } = rig.provider.trainer()
    rig.provider.does({
      ...change,
      start: (order, context) => {
        rig.local.clock.advance(5 * minute)
        return start(order, context)
      },
    })
    const { outcome } = await rig.run()
    expect(outcome).toMatchObject({
      verdict: 'failed',
      reason: 'Too much time passed between the claim and the start: run the workflow again.',
    })
    expect(rig.provider.paid).toEqual([])
    rig.provider.does({ start })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded' })
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('and a claim that is a moment younger begins.', async () => {
    const { start } = rig.provider.trainer()
    rig.provider.does({
      start: (order, context) => {
        rig.local.clock.advance(5 * minute - 1)
        return start(order, context)
      },
    })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded' })
  })
})

test('A run that was taken over and cannot be stopped is told of also when the workflow is cancelled.', async () => {
  const { start } = rig.provider.trainer()
  const cancelled = new AbortController()
  rig.provider.does({
    start: async (order, context) => {
      const run = await start(order, context)
      const [ref = ''] = claims()
      const ledger = await rig.local.open({}, ref.split('/')[2])
      const entry = await ledger.latest(order.revision)
      await ledger.save(entry!, { verdict: 'cancelled' })
      cancelled.abort(new Error('The workflow was cancelled.'))
      return run
    },
    cancel: async () => {
      throw new Error('The Job could not be cancelled: cancel it at https://provider.test/1.')
    },
  })
  expect((await rig.run({ signal: cancelled.signal })).outcome).toMatchObject({
    verdict: 'cancelled',
    reason: expect.stringContaining('cancel it at https://provider.test/1'),
  })
})

test('A dry run says what would be trained as one sentence.', async () => {
  const { outcome } = await rig.run({ recipes: [digits()], request: { dryRun: true } })
  expect(outcome).toMatchObject({
    verdict: 'planned',
    reason: 'Dry run: your script runs on t4-small.',
  })
})
