import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { NotStarted, Refused } from '../../../src/domain/verdict.ts'
import { leaveRecord } from '../left-record.ts'
import { digits, type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const refuse = async () => {
  throw new NotStarted('The provider has no machine free.')
}
const never = async () => {
  throw new Error('It is unknown whether the run was started. Look at https://provider.test/jobs.')
}
const deletion = { method: 'DELETE', path: /\/git\/refs\// }
const refs = () => rig.home.refs().filter((ref) => !ref.includes('/seen/'))
const claims = () => refs().filter((ref) => /\/[0-9a-f]{40}/.test(ref))

describe('A start that certainly never began', () => {
  test('The claim and its slot are released, and the next run trains the revision.', async () => {
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
    ['cannot be deleted', deletion],
    ['cannot be read', { method: 'GET', path: /\/git\/ref\// }],
  ])('The next run trains the revision even if the claim %s.', async (_what, request) => {
    const { start } = rig.provider.trainer()
    rig.provider.does({
      start: async () => {
        rig.home.github.fault({ ...request, status: 500, times: 4 })
        return refuse()
      },
    })
    await rig.run()
    expect(await rig.records()).toMatchObject([
      {
        state: 'failed',
        began: false,
        cause: 'infrastructure',
        run: null,
        cost: 0,
        times: { started: null },
      },
    ])
    rig.provider.does({ start })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded', attempt: 2 })
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('It is closed as never begun where runs are recorded before their start, and tried again.', async () => {
    const { start } = rig.provider.trainer()
    rig.provider.does({ start: refuse, find: undefined })
    const { pending } = await rig.run()
    expect(await rig.records()).toMatchObject([{ state: 'failed', began: false, cost: 0 }])
    expect(pending.trainings).toEqual([])
    rig.provider.does({ start })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded', attempt: 2 })
  })

  test('Its claim does not outlive a ledger that cannot record a command before its start.', async () => {
    rig.provider.does({ find: undefined })
    const outage = rig.home.github.fault({ method: 'PATCH', path: /ann-auto/, times: 6 })
    const { outcome, pending } = await rig.run()
    expect(outcome).toMatchObject({ verdict: 'failed' })
    outage.lift()
    expect([rig.provider.paid, pending.trainings, claims()]).toEqual([[], [], []])
  })
})

describe('A start without an answer', () => {
  test('The claim stays for ten minutes; then the revision is trained if the provider has no run.', async () => {
    const { start } = rig.provider.trainer()
    rig.provider.does({ start: never })
    const { outcome, pending } = await rig.run()
    expect(outcome).toMatchObject({ verdict: 'failed', reason: expect.stringContaining('Look at https://') })
    // Every check asks for it: the end of this job need not.
    expect(pending).toMatchObject({
      trainings: [],
      settled: [expect.stringContaining('may have been started')],
    })
    expect(await rig.records()).toMatchObject([{ state: 'claimed', times: { ordered: expect.any(String) } }])
    rig.provider.does({ start })
    rig.home.clock.advance(9 * minute)
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'skipped' })
    rig.home.clock.advance(minute)
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded', attempt: 2 })
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('The next workflow run finds the run if there is one, and follows it instead of starting another.', async () => {
    const { start } = rig.provider.trainer()
    rig.provider.does({
      start: async (order, context) => {
        await start(order, context)
        return never()
      },
    })
    await rig.run()
    rig.provider.does({ start })
    rig.home.clock.advance(11 * minute)
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded', attempt: 1 })
    expect(await rig.records()).toMatchObject([{ state: 'succeeded', metrics: { eval_accuracy: 0.9 } }])
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('The possible run is reported even if the workflow is cancelled during the start.', async () => {
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
        'The workflow was cancelled. It is unknown whether the run was started. Look at https://provider.test/jobs.',
    })
    expect(pending.trainings).toHaveLength(1)
  })
})

describe('The last check before the paid call', () => {
  test('Nothing is started after a cancel, and the claim is released.', async () => {
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
    ['a trainer that can look for runs', {}],
    ['a trainer that cannot look for runs', { find: undefined }],
  ])('Nothing is started when the claim is five minutes old, for %s.', async (_what, change) => {
    const { start } = rig.provider.trainer()
    rig.provider.does({
      ...change,
      start: (order, context) => {
        rig.home.clock.advance(5 * minute)
        return start(order, context)
      },
    })
    const { outcome } = await rig.run()
    expect(outcome).toMatchObject({
      verdict: 'failed',
      reason: 'Too much time passed between the claim and the order: the next check tries again.',
    })
    expect(rig.provider.paid).toEqual([])
    rig.provider.does({ start })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded' })
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('The run is started when the claim is a moment younger than five minutes.', async () => {
    const { start } = rig.provider.trainer()
    rig.provider.does({
      start: (order, context) => {
        rig.home.clock.advance(5 * minute - 1)
        return start(order, context)
      },
    })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded' })
  })
})

test('A run that was taken over and cannot be stopped is reported even if the workflow is cancelled.', async () => {
  const { start } = rig.provider.trainer()
  const cancelled = new AbortController()
  rig.provider.does({
    start: async (order, context) => {
      const run = await start(order, context)
      for (const ref of rig.home.refs()) rig.home.git.refs.delete(ref)
      await leaveRecord(rig, { revision: order.revision })
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

test('A dry run describes the training in one sentence.', async () => {
  const { outcome } = await rig.run({ recipes: [digits()], request: { dryRun: true } })
  expect(outcome).toMatchObject({
    verdict: 'planned',
    reason: 'Dry run: your script runs on t4-small.',
  })
})

describe('What the step cannot hand over', () => {
  test('A result that would be lost refuses the training before anything is claimed, also in a dry run.', async () => {
    const checkRunner = () => {
      throw new Refused('GITHUB_STATE (/state) cannot be written.')
    }
    for (const dryRun of [false, true]) {
      const { outcome } = await rig.run({ checkRunner, request: { dryRun } })
      expect(outcome).toMatchObject({
        verdict: 'refused',
        reason: 'GITHUB_STATE (/state) cannot be written.',
      })
    }
    expect(refs()).toEqual([])
    expect(rig.provider.paid).toEqual([])
  })

  test('What is no reason to refuse is a warning.', async () => {
    const { outcome, lines } = await rig.run({ checkRunner: () => ['There will be no summary.'] })
    expect(outcome.verdict).toBe('succeeded')
    expect(lines).toContain('warning: There will be no summary.')
  })

  test('A state file that fills up after the check gives claim, slot and name back, and the next run trains.', async () => {
    const onPending = () => {
      throw new Error('GITHUB_STATE (/state) cannot be written: ENOSPC')
    }
    const { outcome } = await rig.run({ onPending })
    expect(outcome).toMatchObject({
      verdict: 'refused',
      reason: expect.stringMatching(/GITHUB_STATE .*ENOSPC/),
    })
    expect(refs()).toEqual([])
    expect(rig.provider.paid).toEqual([])
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded', attempt: 1 })
  })

  test('A state file that fills up after the order warns, and the training is followed to its end.', async () => {
    let saves = 0
    const onPending = () => {
      saves += 1
      if (saves > 1) throw new Error('GITHUB_STATE (/state) cannot be written: ENOSPC')
    }
    const { outcome, lines } = await rig.run({ onPending })
    expect(outcome.verdict).toBe('succeeded')
    expect(lines.filter((line) => line.startsWith('warning: ')).join()).toContain('ENOSPC')
  })
})
