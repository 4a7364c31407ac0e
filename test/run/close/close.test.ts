import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { OutOfSight } from '../../../src/domain/training.ts'
import { leaveRecord, revisionOf } from '../left-record.ts'
import { failed, succeeded } from '../provider.ts'
import { digits, type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const recordAt = async (revision: string) =>
  (await rig.records()).find((record) => record.revision === revision)

/** Records of runs that were started, oldest first. */
async function leave(words: readonly string[], trainer = 'job') {
  for (const word of words) {
    await leaveRecord(rig, { revision: revisionOf(word), state: 'started', claim: { trainer } })
    rig.home.clock.advance(1000)
  }
}

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}-${n}`)
const isRunOf = (word: string, { id }: { id: string }) => id === revisionOf(word).slice(0, 7)
const unseen: OutOfSight = { verdict: 'out-of-sight', reason: 'The Hub does not show the Job any more.' }

describe('The records that earlier workflow runs left open', () => {
  test('One behind projects that wait for a person is closed at once, because those are not asked about.', async () => {
    await leave(['old'])
    await leave(numbered('classic', 12), 'autotrain-classic')
    rig.provider.does({ inspect: async () => succeeded })
    const classic = { ...rig.provider.trainer() }
    delete classic.inspect
    delete classic.follow
    delete classic.find
    await rig.run({ trainers: { 'autotrain-classic': classic } })
    expect((await recordAt(revisionOf('old')))?.state).toBe('succeeded')
    expect((await recordAt(revisionOf('classic-0')))?.state).toBe('started')
  })

  test.each(['first', 'middle'])(
    'The %s of many whose provider gives no answer is closed by a later check.',
    async (word) => {
      const words = numbered('mute', 26)
      await leave(word === 'first' ? [word, ...words] : [...words.slice(13), word, ...words.slice(0, 13)])
      let asked = 0
      rig.provider.does({
        inspect: async (_order, run) => {
          asked += 1
          if (isRunOf(word, run)) return succeeded
          throw new Error('The provider gives no answer.')
        },
      })
      let checks = 0
      while ((await recordAt(revisionOf(word)))?.state === 'started' && checks < 40) {
        rig.home.clock.advance(17 * minute + checks)
        rig.commitCard()
        await rig.run()
        checks += 1
      }
      expect((await recordAt(revisionOf(word)))?.state).toBe('succeeded')
      expect(asked / checks).toBeLessThanOrEqual(10)
    },
  )

  test('One by a trainer that only a newer version knows counts as running.', async () => {
    await leaveRecord(rig, { revision: rig.head(), state: 'started', claim: { trainer: 'quantum' } })
    const { outcome, lines } = await rig.run()
    expect(outcome).toMatchObject({ verdict: 'skipped', reason: expect.stringContaining('is running') })
    expect(lines).toContainEqual(expect.stringMatching(/^warning: .* update the action\.$/))
    expect(rig.provider.paid).toEqual([])
  })
})

describe('A run that its provider does not show', () => {
  beforeEach(async () => {
    await leaveRecord(rig, { revision: rig.head(), state: 'started' })
    rig.provider.does({ inspect: async () => unseen })
    rig.home.clock.advance(11 * minute)
    await rig.run()
  })

  test('It may still be running: each check says so with its link, and nothing is started beside it.', async () => {
    rig.home.clock.advance(11 * minute)
    const { outcome } = await rig.run({ request: { byPerson: true, force: true } })
    expect(outcome).toMatchObject({
      verdict: 'skipped',
      isWarning: true,
      reason: expect.stringMatching(/may still be running: https:\/\/provider\.test/),
    })
    expect(await rig.records()).toMatchObject([{ state: 'out-of-sight' }])
    expect(rig.provider.paid).toEqual([])
  })

  test('A later check asks once and waits no minute for it.', async () => {
    const asked: (boolean | undefined)[] = []
    rig.provider.does({
      inspect: async (_order, { isUnseen }) => {
        asked.push(isUnseen)
        return unseen
      },
    })
    await rig.run()
    expect(asked).toEqual([true])
  })

  test('It goes on when it is shown again, and its end is recorded.', async () => {
    rig.provider.does({ inspect: async () => null })
    await rig.run()
    expect(await rig.records()).toMatchObject([{ state: 'started' }])
    rig.provider.does({ inspect: async () => failed })
    rig.home.clock.advance(61 * minute)
    await rig.run()
    expect(await rig.records()).toMatchObject([{ state: 'failed', cause: 'training', cost: 0.1 }])
  })

  test('At its deadline it is judged by the model that it left.', async () => {
    rig.provider.does({ judgeByModel: async () => ({ ...succeeded, cost: null }) })
    rig.home.clock.advance(4 * 60 * minute)
    await rig.run()
    expect(await rig.records()).toMatchObject([{ state: 'succeeded', cost: null, costEstimate: 1 }])
  })
})

describe('A run that was cancelled, and whose own workflow run did not record it', () => {
  const cancelled = {
    ...failed,
    verdict: 'cancelled',
    cause: 'person',
    reason: 'The Job was cancelled.',
  } as const

  test('Its record does not say that a person did it, and a warning names the way back.', async () => {
    await leaveRecord(rig, { revision: rig.head(), state: 'started' })
    rig.provider.end = cancelled
    const { outcome } = await rig.run()
    expect(await rig.records()).toMatchObject([{ state: 'cancelled', cause: 'workflow' }])
    expect(outcome).toMatchObject({ verdict: 'skipped', isWarning: true })
  })

  test('It is not tried again where a check sees that only after its deadline.', async () => {
    await leaveRecord(rig, { revision: rig.head(), state: 'started' })
    rig.provider.end = { ...cancelled, endedAt: rig.home.clock.now() + minute }
    rig.home.clock.advance(4 * 60 * minute)
    const { outcome } = await rig.run()
    expect(await rig.records()).toMatchObject([{ state: 'cancelled', cause: 'workflow' }])
    expect(outcome).toMatchObject({ verdict: 'skipped', isWarning: true })
    expect(rig.provider.paid).toEqual([])
  })

  test('It is tried again where it was cancelled after its deadline.', async () => {
    await leaveRecord(rig, { revision: rig.head(), state: 'started' })
    rig.home.clock.advance(4 * 60 * minute)
    rig.provider.end = { ...cancelled, endedAt: rig.home.clock.now() - minute }
    await rig.run()
    expect(await recordAt(rig.head())).toMatchObject({ state: 'cancelled', cause: 'infrastructure' })
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('It was stopped with its workflow run where that run had not recorded its start either.', async () => {
    await leaveRecord(rig, { revision: rig.head() })
    const { find } = rig.provider.trainer()
    const run = { id: 'left', url: 'https://provider.test/left', nextStep: null }
    const end = { ...cancelled, endedAt: rig.home.clock.now() + minute }
    rig.provider.does({
      find: async (order, signal) => (await find?.(order, signal)) ?? run,
      inspect: async () => end,
    })
    rig.home.clock.advance(4 * 60 * minute)
    const { outcome } = await rig.run()
    expect(await rig.records()).toMatchObject([{ state: 'cancelled', cause: 'workflow' }])
    expect(outcome).toMatchObject({ verdict: 'skipped', isWarning: true })
  })

  test('It was a person where the workflow run did not wait for it.', async () => {
    await leaveRecord(rig, { revision: rig.head(), state: 'started' })
    rig.provider.end = cancelled
    await rig.run({ recipes: [digits({ wait: false })] })
    expect(await rig.records()).toMatchObject([{ state: 'cancelled', cause: 'person' }])
  })
})

test('A claim of an owner that died is closed as never begun at its deadline, and costs nothing.', async () => {
  await leaveRecord(rig, { revision: revisionOf('left') })
  rig.home.clock.advance(11 * minute)
  await rig.run()
  expect(await recordAt(revisionOf('left'))).toMatchObject({ state: 'claimed' })
  rig.home.clock.advance(4 * 60 * minute)
  rig.commit()
  await rig.run()
  expect(await recordAt(revisionOf('left'))).toMatchObject({
    state: 'failed',
    began: false,
    cause: 'infrastructure',
    cost: 0,
  })
})

test('A run of a copy of the repository is neither adopted nor cancelled, and the revision is checked again.', async () => {
  const { list } = rig.provider.trainer()
  const run = { id: 'copy', url: 'https://provider.test/copy', nextStep: null }
  rig.provider.does({
    list: async () => [{ run, nonce: 'n0nce0copy', ledger: 'ffffffff', isLive: true, createdAt: null }],
  })
  expect((await rig.run()).outcome).toMatchObject({
    verdict: 'skipped',
    reason: expect.stringContaining('https://provider.test/copy'),
  })
  rig.provider.does({ list })
  rig.home.clock.advance(61 * minute)
  expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded', attempt: 1 })
})

test('A run that is still shown as running after its record ended is stopped again, and nothing starts beside it.', async () => {
  const { cancel } = rig.provider.trainer()
  rig.provider.does({ cancel: async () => undefined })
  const stop = new AbortController()
  const { follow } = rig.provider.trainer()
  rig.provider.does({
    follow: async (_order, _run, { signal }) => {
      stop.abort(new Error('The workflow was cancelled.'))
      throw signal.reason
    },
  })
  await rig.run({ signal: stop.signal })
  expect(rig.provider.alive()).toHaveLength(1)
  rig.provider.does({ cancel, follow })
  const { outcome } = await rig.run({ request: { byPerson: true } })
  expect(outcome).toMatchObject({ verdict: 'skipped', isWarning: true })
  expect(rig.provider.alive()).toEqual([])
  expect((await rig.run({ request: { byPerson: true } })).outcome).toMatchObject({ verdict: 'succeeded' })
})
