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

/** The provider knows how these runs ended, and nothing about the others. */
const ended = (words: readonly string[], end: TrainingEnd = succeeded) =>
  rig.provider.does({ inspect: async (_order, { id }) => (words.includes(id) ? end : null) })

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}-${n}`)

describe('Closing open records', () => {
  test('A record behind projects that wait for a person is closed at once, because those are not checked.', async () => {
    await leave(['old'])
    await leave(numbered('classic', 8), { trainer: 'autotrain-classic' })
    ended(['old'])
    const classic = { ...rig.provider.trainer(), inspect: undefined, follow: undefined, find: undefined }
    await rig.run({ trainers: { 'autotrain-classic': classic as never } })
    expect(await verdictOf('old')).toBe('succeeded')
    expect(await verdictOf('classic-0')).toBe('started')
  })

  test('A record behind many runs whose provider gives no answer is closed in a later workflow run.', async () => {
    await leave(['old'])
    await leave(numbered('mute', 12))
    const asked: string[] = []
    rig.provider.does({
      inspect: async (_order, { id }) => {
        asked.push(id)
        if (id === 'old') return succeeded
        throw new Error('The provider gives no answer.')
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

  test('A record in the middle of a long history without answers is closed in a later workflow run.', async () => {
    await leave([...numbered('older', 28), 'middle', ...numbered('newer', 28)])
    rig.provider.does({
      inspect: async (_order, { id }) => {
        if (id === 'middle') return succeeded
        throw new Error('The provider gives no answer.')
      },
    })
    for (let runs = 0; (await verdictOf('middle')) === 'started' && runs < 150; runs += 1) {
      await rig.run()
      rig.local.clock.advance(15 * minute)
    }
    expect(await verdictOf('middle')).toBe('succeeded')
  })

  test('A record at the end of a long history is closed, and no workflow run reads more of it than another.', async () => {
    await leave(['old'])
    const ledger = await open()
    for (const word of numbered('over', 60)) {
      await train(ledger, { revision: revisionOf(word), claimant: claimant({ project: word }) })
      rig.local.clock.advance(30 * minute)
    }
    ended(['old'])
    let runs = 0
    let maxRequests = 0
    while ((await verdictOf('old')) === 'started' && runs < 60) {
      const before = rig.local.github.requests.length
      await rig.run()
      maxRequests = Math.max(maxRequests, rig.local.github.requests.length - before)
      runs += 1
    }
    expect(await verdictOf('old')).toBe('succeeded')
    expect(maxRequests).toBeLessThanOrEqual(25)
  })
})

describe('The run of the requested revision', () => {
  /** The requested run has ended, and this many newer ones are active. */
  async function leaveBehind(count: number): Promise<string> {
    const revision = rig.hub.repository('ann/digits').refs.get('refs/heads/main') ?? ''
    const changes = { run: { ...run, id: 'wanted' }, verdict: 'started' }
    await train(await open(), { revision, changes })
    await leave(numbered('going', count))
    rig.commit()
    ended(['wanted'])
    return revision
  }

  test('The run is checked first, however many others are open, so that force trains again what has ended.', async () => {
    const revision = await leaveBehind(45)
    const recipes = [digits({ maxRunsPerDay: 99 })]
    const { outcome } = await rig.run({ recipes, request: { revision, force: true } })
    expect(outcome).toMatchObject({ verdict: 'succeeded', attempt: 2 })
  })

  test('A run that has ended is not reported as active.', async () => {
    const revision = await leaveBehind(12)
    expect((await rig.run({ request: { revision } })).outcome).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringMatching(/^This revision is already trained: /),
    })
  })

  test('The run is checked once.', async () => {
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

describe('An abandoned claim', () => {
  test('An abandoned claim without a run is closed, and not checked again.', async () => {
    await leave(['left'], { claimed: true })
    rig.local.clock.advance(10 * minute)
    await rig.run()
    expect(await (await open()).latest(revisionOf('left'))).toMatchObject({
      record: { verdict: 'cancelled', run: null, times: { started: null } },
    })
    expect(await (await open()).open()).toEqual([])
  })

  test('Nothing is trained while the provider cannot say whether an abandoned claim has a run.', async () => {
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
      /could not be recorded: The Hub does not answer\. Run this workflow again\. .*git push/,
    )
    expect(rig.provider.paid).toEqual([])
    rig.provider.does({ find })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'succeeded' })
  })

  test('Nothing is trained while the run of an abandoned claim cannot be recorded.', async () => {
    await leave(['left'], { claimed: true })
    rig.local.clock.advance(10 * minute)
    rig.provider.does({ find: async () => ({ ...run, nextStep: null }) })
    rig.local.github.fault({ method: 'PATCH', path: /\/git\/refs\//, status: 500, times: 4 })
    expect((await rig.run()).outcome).toMatchObject({
      verdict: 'failed',
      reason: expect.stringContaining('could not be recorded'),
    })
    expect(rig.provider.paid).toEqual([])
  })

  test('The next comparison is with the run of an abandoned claim, so that its data is not trained again.', async () => {
    const head = rig.hub.repository('ann/digits').refs.get('refs/heads/main') ?? ''
    await train(await open(), { revision: head, changes: {} })
    rig.local.clock.advance(11 * minute)
    rig.hub.commit('ann/digits', { files: { 'README.md': '# Digits' } })
    rig.provider.does({ find: async () => ({ ...run, nextStep: null }) })
    expect((await rig.run()).outcome).toMatchObject({ verdict: 'skipped' })
    expect(rig.provider.paid).toEqual([])
  })

  test('An abandoned claim that another workflow run closes at the same time does not stop the training.', async () => {
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
