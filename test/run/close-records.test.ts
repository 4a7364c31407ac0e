import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { TrainingEnd } from '../../src/domain/training.ts'
import { recipeKey } from '../../src/recipe/recipe-key.ts'
import { claimant, minute, revisionOf, run, train } from '../ledger/local-ledger.ts'
import { digits, type Rig, startRig, succeeded } from './rig.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const key = recipeKey(digits())
const open = () => rig.local.open({}, key)

/** Records of earlier runs, oldest first, as they were left. */
async function leave(words: readonly string[], change: { trainer?: string; claimed?: boolean } = {}) {
  const ledger = await open()
  for (const word of words) {
    const { trainer = 'job', claimed = false } = change
    await train(ledger, {
      revision: revisionOf(word),
      claimant: claimant({ trainer, project: word }),
      changes: claimed ? {} : { run: { ...run, id: word }, verdict: 'started' },
    })
    rig.local.clock.advance(minute)
  }
}

const verdictOf = async (word: string) => (await (await open()).latest(revisionOf(word)))?.record.verdict

/** Its provider knows how these ended, and nothing of the others. */
const ended = (words: readonly string[], end: TrainingEnd = succeeded) =>
  rig.provider.does({ inspect: async (_order, { id }) => (words.includes(id) ? end : null) })

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}-${n}`)

describe('Every open record is closed sooner or later', () => {
  test('also behind projects that wait for a person for ever, at once: those are not asked about.', async () => {
    await leave(['old'])
    await leave(numbered('classic', 8), { trainer: 'autotrain-classic' })
    ended(['old'])
    const classic = { ...rig.provider.trainer(), inspect: undefined, follow: undefined, find: undefined }
    await rig.run({ trainers: { 'autotrain-classic': classic as never } })
    expect(await verdictOf('old')).toBe('succeeded')
    expect(await verdictOf('classic-0')).toBe('started')
  })

  test('also behind many runs whose provider does not say how they ended.', async () => {
    await leave(['old'])
    await leave(numbered('mute', 12))
    const asked: string[] = []
    rig.provider.does({
      inspect: async (_order, { id }) => {
        asked.push(id)
        if (id === 'old') return succeeded
        throw new Error('Nobody may look.')
      },
    })
    let runs = 0
    while ((await verdictOf('old')) === 'started' && runs < 60) {
      await rig.run()
      runs += 1
    }
    expect(await verdictOf('old')).toBe('succeeded')
    expect(asked.length / runs).toBeLessThanOrEqual(5)
  })

  test('also in the middle of a long history in which no provider says how anything ended.', async () => {
    await leave([...numbered('older', 28), 'middle', ...numbered('newer', 28)])
    rig.provider.does({
      inspect: async (_order, { id }) => {
        if (id === 'middle') return succeeded
        throw new Error('Nobody may look.')
      },
    })
    for (let runs = 0; (await verdictOf('middle')) === 'started' && runs < 150; runs += 1) {
      await rig.run()
      rig.local.clock.advance(15 * minute)
    }
    expect(await verdictOf('middle')).toBe('succeeded')
  })

  test('also in a long history, while one run reads no more of it than before.', async () => {
    await leave(['old'])
    const ledger = await open()
    for (const word of numbered('over', 60)) {
      await train(ledger, { revision: revisionOf(word), claimant: claimant({ project: word }) })
      rig.local.clock.advance(30 * minute)
    }
    ended(['old'])
    let runs = 0
    let most = 0
    while ((await verdictOf('old')) === 'started' && runs < 60) {
      const before = rig.local.github.requests.length
      await rig.run()
      most = Math.max(most, rig.local.github.requests.length - before)
      runs += 1
    }
    expect(await verdictOf('old')).toBe('succeeded')
    expect(most).toBeLessThanOrEqual(25)
  })
})

describe('The run of the very revision that is asked for', () => {
  /** It has ended, and so many newer ones go on. */
  async function leaveBehind(count: number): Promise<string> {
    const revision = rig.hub.repository('ann/digits').refs.get('refs/heads/main') ?? ''
    const changes = { run: { ...run, id: 'wanted' }, verdict: 'started' }
    await train(await open(), { revision, changes })
    await leave(numbered('going', count))
    rig.commit()
    ended(['wanted'])
    return revision
  }

  test('is asked about first, however many others are open: force trains what has ended.', async () => {
    const revision = await leaveBehind(45)
    const recipes = [digits({ maxRunsPerDay: 99 })]
    const { outcome } = await rig.run({ recipes, request: { revision, force: true } })
    expect(outcome).toMatchObject({ verdict: 'succeeded', attempt: 2 })
  })

  test('and that has ended is not said to go on.', async () => {
    const revision = await leaveBehind(12)
    expect((await rig.run({ request: { revision } })).outcome).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringMatching(/^This revision has been trained: /),
    })
  })

  test('is asked about once.', async () => {
    const revision = await leaveBehind(1)
    const asked: string[] = []
    rig.provider.does({
      inspect: async (_order, { id }) => {
        asked.push(id)
        return null
      },
    })
    await rig.run({ request: { revision } })
    expect(asked).toEqual(['wanted', 'going-0'])
  })
})

describe('A claim that was left', () => {
  test('and never had a run is closed, and nobody asks about it again.', async () => {
    await leave(['left'], { claimed: true })
    rig.local.clock.advance(10 * minute)
    await rig.run()
    expect(await (await open()).latest(revisionOf('left'))).toMatchObject({
      record: { verdict: 'cancelled', run: null, times: { started: null } },
    })
    expect(await (await open()).open()).toEqual([])
  })

  test('stops everything while nobody can tell whether it has a run: it does not hide that from the comparison.', async () => {
    await leave(['left'], { claimed: true })
    rig.local.clock.advance(10 * minute)
    const { find } = rig.provider.trainer()
    rig.provider.does({
      find: async () => {
        throw new Error('The Hub does not answer.')
      },
    })
    const { outcome } = await rig.run()
    expect(outcome).toMatchObject({ verdict: 'failed' })
    expect(outcome.reason).toMatch(
      /cannot be written down: The Hub does not answer\. Run this again; .*git push/,
    )
    expect(rig.provider.paid).toEqual([])
    rig.provider.does({ find })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded' })
  })

  test('stops everything while its run cannot be written down.', async () => {
    await leave(['left'], { claimed: true })
    rig.local.clock.advance(10 * minute)
    rig.provider.does({ find: async () => ({ ...run, nextStep: null }) })
    rig.local.github.fault({ method: 'PATCH', path: /\/git\/refs\//, status: 500, times: 4 })
    expect((await rig.run()).outcome).toMatchObject({
      verdict: 'failed',
      reason: expect.stringContaining('cannot be written down'),
    })
    expect(rig.provider.paid).toEqual([])
  })

  test('with a run is what the next comparison is made with: data that it trains on is not trained again.', async () => {
    const head = rig.hub.repository('ann/digits').refs.get('refs/heads/main') ?? ''
    await train(await open(), { revision: head, changes: {} })
    rig.local.clock.advance(11 * minute)
    rig.hub.commit('ann/digits', { files: { 'README.md': '# Digits' } })
    rig.provider.does({ find: async () => ({ ...run, nextStep: null }) })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'skipped' })
    expect(rig.provider.paid).toEqual([])
  })

  test('and that somebody else closes at the same time stops nothing.', async () => {
    await leave(['left'], { claimed: true })
    rig.local.clock.advance(10 * minute)
    rig.provider.does({
      find: async () => {
        const other = await open()
        const entry = await other.latest(revisionOf('left'))
        if (entry?.record.verdict === null) await other.save(entry, { verdict: 'cancelled' })
        return null
      },
    })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded' })
  })
})
