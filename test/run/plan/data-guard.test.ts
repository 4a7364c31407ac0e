import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Recipe } from '../../../src/domain/recipe.ts'
import { nextParts } from '../../../src/report/what-next.ts'
import { leaveRecord, revisionOf } from '../left-record.ts'
import { failed, lostMachine } from '../provider.ts'
import { dataset, digits, type Rig, type RunOptions, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

let rig: Rig
beforeEach(async () => {
  rig = await startRig()
  rig.hub.commit(dataset, { files: images(10) })
})
afterEach(() => rig.close())

/** The same number of images for three classes. */
function images(each: number): Record<string, string> {
  const names = ['0', '1', '2'].flatMap((digit) =>
    Array.from({ length: each }, (_, n) => `train/${digit}/${n}.png`),
  )
  return Object.fromEntries(names.map((name) => [name, name.padEnd(100, '.')]))
}

/** Removes all images from the n-th of a class on, and returns the new head. */
const remove = (digits: readonly string[], from: number) =>
  rig.hub.commit(dataset, {
    deletions: digits.flatMap((digit) =>
      Array.from({ length: 10 - from }, (_, n) => `train/${digit}/${from + n}.png`),
    ),
  }).sha

async function run(change: Partial<Recipe> = {}, request: RunOptions['request'] = {}) {
  rig.home.clock.advance(minute)
  return rig.run({ recipes: [digits(change)], request })
}

const guardOf = (outcome: Awaited<ReturnType<typeof run>>['outcome']) =>
  outcome.plan?.checks.find(({ id }) => id === 'data-guard')

describe('A revision whose data shrank by more than max-removed', () => {
  test('It is refused once, and later checks skip it with a warning and the same numbers.', async () => {
    const first = await run()
    expect(first.outcome.verdict).toBe('succeeded')
    const trained = first.outcome.revision?.slice(0, 7)
    remove(['0', '1', '2'], 2)
    const { outcome } = await run()
    expect(outcome).toMatchObject({
      verdict: 'refused',
      reason:
        `The data shrank since the training on ${trained}, from 31 files, 3.0 kB, 3 classes to 7 files, 604 bytes, ` +
        '3 classes: 79.9% of the bytes and 77.4% of the files are gone, and max-removed (50%) allows less. ' +
        'Restore the data; if it is meant, Run workflow: a person who starts it by hand overrules this.',
    })
    expect(nextParts(outcome).join('\n')).toContain('Run workflow trains it all the same')
    const later = [await run(), await run()]
    expect(later.map(({ outcome }) => [outcome.verdict, outcome.isWarning, outcome.reason])).toEqual([
      ['skipped', true, outcome.reason],
      ['skipped', true, outcome.reason],
    ])
    expect(rig.provider.paid).toHaveLength(1)
  })

  test('A person who starts it by hand trains it, with a warning, and it is the base from then on.', async () => {
    await run()
    remove(['0', '1', '2'], 2)
    await run()
    const { outcome, lines } = await run({}, { byPerson: true })
    expect([outcome.verdict, guardOf(outcome)?.verdict]).toEqual(['succeeded', 'warned'])
    expect(lines.join('\n')).toMatch(/warning: The data shrank .* because a person started this run/)
    rig.commit()
    expect((await run()).outcome.verdict).toBe('succeeded')
  })

  test('After a person trained it and the machine was lost, the retry is not refused.', async () => {
    await run()
    remove(['0', '1', '2'], 2)
    rig.provider.endsIn({ ...lostMachine, cost: 0, trainedMs: 0 })
    expect((await run({}, { byPerson: true })).outcome.verdict).toBe('failed')
    rig.provider.does({ follow: undefined })
    rig.home.clock.advance(90 * minute)
    const { outcome } = await run({ wait: false })
    expect([outcome.verdict, guardOf(outcome)?.verdict]).toEqual(['started', 'warned'])
  })

  test('A dry run shows what a check would say: refused on a schedule, a warning by hand.', async () => {
    await run()
    remove(['0', '1', '2'], 2)
    const bySchedule = await run({}, { dryRun: true })
    expect([bySchedule.outcome.verdict, guardOf(bySchedule.outcome)?.verdict]).toEqual(['refused', 'refused'])
    const byHand = await run({}, { dryRun: true, byPerson: true })
    expect([byHand.outcome.verdict, guardOf(byHand.outcome)?.verdict]).toEqual(['planned', 'warned'])
    expect(guardOf(byHand.outcome)?.found).toBe('31 files, 3.0 kB, 3 classes → 7 files, 604 bytes, 3 classes')
  })

  test('It is refused once as well where retrain-on makes every check look at the data again.', async () => {
    const change = { retrainOn: ['data', 'recipe', 'base-model'] as const }
    await run(change)
    remove(['0', '1', '2'], 2)
    const all = [await run(change), await run(change), await run(change)]
    expect(all.map(({ outcome }) => [outcome.verdict, outcome.isWarning])).toEqual([
      ['refused', true],
      ['skipped', true],
      ['skipped', true],
    ])
    expect(new Set(all.map(({ outcome }) => outcome.reason)).size).toBe(1)
    rig.commitCard()
    expect((await run(change)).outcome.verdict).toBe('refused')
  })

  test('A higher max-removed is looked at anew, and trains it.', async () => {
    await run()
    remove(['0', '1', '2'], 2)
    await run()
    expect((await run({ maxRemoved: 90 })).outcome.verdict).toBe('succeeded')
  })

  test('With max-removed 100% nothing is compared.', async () => {
    await run()
    remove(['0', '1'], 0)
    const { outcome } = await run({ maxRemoved: 100 })
    expect([outcome.verdict, guardOf(outcome)?.found]).toEqual([
      'succeeded',
      'not compared: max-removed is 100%',
    ])
  })

  test('Only the last success counts: data that failed to train is no base.', async () => {
    await run()
    rig.hub.commit(dataset, {
      files: Object.fromEntries(
        Array.from({ length: 200 }, (_, n) => [`train/0/more-${n}.png`, 'x'.repeat(100)]),
      ),
    })
    rig.provider.endsIn(failed)
    expect((await run()).outcome.verdict).toBe('failed')
    rig.hub.commit(dataset, { deletions: Array.from({ length: 200 }, (_, n) => `train/0/more-${n}.png`) })
    rig.commit()
    const { outcome } = await run()
    expect(guardOf(outcome)?.verdict).toBe('passed')
  })
})

describe('A revision without one of the classes', () => {
  test('It is refused, and the class is named.', async () => {
    await run()
    remove(['2'], 0)
    const { outcome } = await run()
    expect([outcome.verdict, outcome.reason.includes(': the class "2" is gone')]).toEqual(['refused', true])
  })

  test('In a public repository a class of a private dataset is counted, and not named, not even in the ledger.', async () => {
    Object.assign(rig.hub.repository(dataset), { private: true })
    rig.hub.commit(dataset, { files: { 'train/top-secret/1.png': 'x', 'train/top-secret/2.png': 'y' } })
    await run()
    rig.hub.commit(dataset, { deletions: ['train/top-secret/1.png', 'train/top-secret/2.png'] })
    const { outcome, lines } = await run()
    expect([outcome.verdict, outcome.reason.includes(': 1 class is gone')]).toEqual(['refused', true])
    const ledger = await rig.home.ledgerOf(digits())
    await ledger.prepare(rig.head())
    const written = JSON.stringify([
      outcome.reason,
      outcome.plan,
      lines,
      await ledger.seen(),
      await rig.records(),
    ])
    expect(written).not.toContain('top-secret')
    expect(await ledger.seen()).toMatchObject({ verdict: 'refused', again: null, warns: true })
  })
})

describe('Data that was only arranged in another way', () => {
  test('Folders that were moved, with all their files, are trained.', async () => {
    await run()
    const moved = Object.entries(images(10)).map(([path, text]) => [`data/${path}`, text])
    rig.hub.commit(dataset, { files: Object.fromEntries(moved), deletions: Object.keys(images(10)) })
    expect((await run()).outcome.verdict).toBe('succeeded')
  })

  test('Narrower paths leave files out on both sides: that is no loss.', async () => {
    await run()
    rig.hub.commit(dataset, { files: { 'train/0/new.png': 'new' } })
    const { outcome } = await run({ paths: ['train/0/**'] })
    expect([outcome.verdict, guardOf(outcome)?.found]).toEqual([
      'succeeded',
      '11 files, 1.0 kB, 1 class → 12 files, 1.0 kB, 1 class',
    ])
  })

  test('A commit of the README alone changes nothing that is compared.', async () => {
    await run()
    rig.commitCard()
    expect((await run()).outcome.verdict).toBe('skipped')
  })
})

describe('Rows that were counted', () => {
  const counted = (trainRows: number) =>
    rig.provider.does({
      checkData: async () => ({
        checks: [],
        content: { trainRows, validRows: null, hasValid: false, classes: null },
      }),
    })
  const parquet = (bytes: number) =>
    rig.hub.commit(dataset, { files: { 'data/train.parquet': 'x'.repeat(bytes) } })

  test('Parquet that was written anew with another compression has all its rows, and is trained.', async () => {
    parquet(100_000)
    counted(500)
    expect((await run()).outcome.verdict).toBe('succeeded')
    parquet(20_000)
    counted(500)
    const { outcome } = await run()
    expect([outcome.verdict, guardOf(outcome)?.verdict]).toEqual(['succeeded', 'passed'])
    expect(outcome.change?.data).toMatchObject({ before: { rows: 500 }, after: { rows: 500 } })
  })

  test('Fewer rows in as many bytes are lost data.', async () => {
    parquet(100_000)
    counted(500)
    await run()
    parquet(99_000)
    counted(100)
    expect((await run()).outcome).toMatchObject({
      verdict: 'refused',
      reason: expect.stringMatching(/from .*500 rows to .*100 rows: 80% of the rows are gone/),
    })
  })

  test('Rows of another split are not compared: the recipe changed, not the data.', async () => {
    parquet(100_000)
    counted(500)
    await run()
    parquet(99_000)
    counted(100)
    const { outcome } = await run({ trainSplit: 'small' })
    expect(guardOf(outcome)?.verdict).toBe('passed')
  })
})

describe('A success that an older version recorded, without totals', () => {
  test('Its files are listed, and lost data is refused.', async () => {
    await leaveRecord(rig, { revision: rig.head(), state: 'succeeded' })
    remove(['0', '1', '2'], 2)
    expect((await run()).outcome.reason).toContain('from 31 files')
  })

  test('Where its files are gone, nothing can be compared, and nothing is refused.', async () => {
    await leaveRecord(rig, { revision: revisionOf('gone'), state: 'succeeded' })
    const { outcome } = await run()
    expect([outcome.verdict, guardOf(outcome)]).toEqual([
      'succeeded',
      expect.objectContaining({ verdict: 'unknown', found: expect.stringContaining('cannot be listed') }),
    ])
  })
})

describe('What cannot be compared', () => {
  test('Before a first success there is nothing to compare with.', async () => {
    const { outcome } = await run()
    expect(guardOf(outcome)).toMatchObject({
      verdict: 'passed',
      found: '31 files, 3.0 kB, 3 classes; nothing to compare with before a first success',
    })
  })

  test('A squashed history is compared by what the ledger knows of the older revision.', async () => {
    await run()
    remove(['0', '1', '2'], 2)
    rig.hub.squash(dataset)
    const { outcome } = await run()
    expect([outcome.verdict, outcome.reason.includes('from 31 files')]).toEqual(['refused', true])
  })

  test('A squashed history under other path rules is not known, and refuses nothing.', async () => {
    await run()
    remove(['0', '1', '2'], 2)
    rig.hub.squash(dataset)
    const { outcome } = await run({ paths: ['train/**'] })
    expect([outcome.verdict, guardOf(outcome)?.verdict]).toEqual(['succeeded', 'unknown'])
  })
})
