import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Recipe } from '../../../src/domain/recipe.ts'
import { nextParts } from '../../../src/report/what-next.ts'
import { lostMachine } from '../provider.ts'
import { dataset, digits, type Rig, type RunOptions, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

let rig: Rig
beforeEach(async () => {
  rig = await startRig()
  add(0, 60)
})
afterEach(() => rig.close())

/** Commits images with these numbers. */
function add(from: number, to: number, text = 'x'): string {
  const numbers = Array.from({ length: to - from }, (_, n) => from + n)
  return rig.hub.commit(dataset, {
    files: Object.fromEntries(numbers.map((n) => [`train/${n % 2}/${n}.png`, `${text} ${n}`])),
  }).sha
}

async function run(change: Partial<Recipe> = {}, request: RunOptions['request'] = {}) {
  rig.home.clock.advance(minute)
  return rig.run({ recipes: [digits({ minChangedFiles: 50, ...change })], request })
}

const rowOf = ({ plan }: Awaited<ReturnType<typeof run>>['outcome']) =>
  plan?.checks.find(({ id }) => id === 'min-changed-files')

describe('Fewer changed files than min-changed-files', () => {
  test('The revision is skipped with both numbers, and nothing is left to do for it.', async () => {
    const trained = (await run()).outcome.revision?.slice(0, 7)
    add(60, 63)
    rig.commitCard()
    const { outcome } = await run()
    expect([outcome.verdict, outcome.isWarning]).toEqual(['skipped', false])
    expect(outcome.reason).toMatch(
      new RegExp(
        `^3 of 50 files changed since the training on ${trained} \\(https://provider\\.test/\\w+\\), and ` +
          'min-changed-files waits for more\\. Run workflow with force: true trains this data all the same\\.$',
      ),
    )
    expect(nextParts(outcome).join('\n')).toContain('a check trains once `min-changed-files` relevant files')
    const ledger = await rig.home.ledgerOf(digits())
    await ledger.prepare(rig.head())
    expect(await ledger.seen()).toMatchObject({ verdict: 'skipped', again: null, warns: false })
    expect((await run()).outcome.reason).toBe(outcome.reason)
  })

  test('Changes add up over commits until there are enough: added, changed and removed files count alike.', async () => {
    await run()
    add(60, 80)
    expect((await run()).outcome.reason).toMatch(/^20 of 50 files/)
    add(0, 20, 'other')
    expect((await run()).outcome.reason).toMatch(/^40 of 50 files/)
    rig.hub.commit(dataset, {
      deletions: Array.from({ length: 10 }, (_, n) => `train/${n % 2}/${20 + n}.png`),
    })
    const { outcome } = await run()
    expect([outcome.verdict, rowOf(outcome)?.found]).toEqual([
      'succeeded',
      expect.stringMatching(/^50 of 50 files since /),
    ])
    add(80, 81)
    expect((await run()).outcome.reason).toMatch(/^1 of 50 files/)
  })

  test('A file that was changed and changed back does not count.', async () => {
    await run()
    add(0, 60, 'other')
    add(0, 57)
    expect((await run()).outcome.reason).toMatch(/^3 of 50 files/)
  })

  test('Run workflow alone waits too; with force, or with a revision, it trains, and the plan has the numbers.', async () => {
    await run()
    add(60, 63)
    expect((await run({}, { byPerson: true })).outcome.verdict).toBe('skipped')
    const named = await run({}, { byPerson: true, dryRun: true, revision: rig.head() })
    expect(named.outcome.verdict).toBe('planned')
    const forced = await run({}, { byPerson: true, force: true })
    expect([forced.outcome.verdict, rowOf(forced.outcome)?.found]).toEqual([
      'succeeded',
      expect.stringMatching(/^3 of 50 files since [0-9a-f]{7}, and not waited for this time$/),
    ])
  })

  test('What a person forced and a lost machine ended is tried again all the same.', async () => {
    await run()
    add(60, 63)
    rig.provider.endsIn({ ...lostMachine, cost: 0, trainedMs: 0 })
    expect((await run({}, { byPerson: true, force: true })).outcome.verdict).toBe('failed')
    rig.provider.does({ follow: undefined })
    rig.home.clock.advance(90 * minute)
    expect((await run({ wait: false })).outcome.verdict).toBe('started')
  })

  test('A smaller min-changed-files is looked at anew.', async () => {
    await run()
    add(60, 63)
    await run()
    expect((await run({ minChangedFiles: 3 })).outcome.verdict).toBe('succeeded')
  })

  test('A changed recipe that is to be trained again does not wait for data.', async () => {
    await run({ retrainOn: ['recipe'] })
    add(60, 63)
    expect((await run({ retrainOn: ['recipe'] })).outcome.verdict).toBe('skipped')
    expect((await run({ retrainOn: ['recipe'], params: { epochs: 9 } })).outcome.verdict).toBe('succeeded')
  })

  test('While the files of the last success cannot be listed because the Hub is down, nothing is started.', async () => {
    const trained = (await run()).outcome.revision
    add(60, 63)
    const path = new RegExp(`/tree/${trained}`)
    const broken = rig.hub.fault({ path, status: 503, headers: { 'retry-after': '0' }, times: 99 })
    const { outcome } = await run()
    expect([outcome.verdict, outcome.reason]).toEqual([
      'failed',
      expect.stringMatching(
        /^How many files changed since [0-9a-f]{7} could not be found out, so nothing was started: /,
      ),
    ])
    broken.lift()
    expect((await run()).outcome.reason).toMatch(/^3 of 50 files/)
  })

  test('After the history was squashed, all files count as changed.', async () => {
    await run()
    add(60, 63)
    rig.hub.squash(dataset)
    const { outcome } = await run()
    expect([outcome.verdict, rowOf(outcome)?.found]).toEqual([
      'succeeded',
      expect.stringMatching(/^64 of 50 files since /),
    ])
  })
})

describe('A dataset with fewer relevant files than min-changed-files', () => {
  const never =
    'min-changed-files is 100, and the dataset has only 61 relevant files: at its size that can never be met. ' +
    'Lower it to 61 or less.'

  test('Its first training is not held back, and the plan warns that there will be no second.', async () => {
    const { outcome, lines } = await run({ minChangedFiles: 100 })
    expect([outcome.verdict, rowOf(outcome)]).toEqual([
      'succeeded',
      {
        id: 'min-changed-files',
        title: 'Enough files changed',
        found: 'not counted before the first success; then 100 files at least',
        verdict: 'warned',
        advice: never,
      },
    ])
    expect(lines).toContain(`warning: ${never}`)
  })

  test('The skip warns of it.', async () => {
    await run({ minChangedFiles: 100 })
    add(0, 3, 'other')
    const { outcome } = await run({ minChangedFiles: 100 })
    expect([outcome.verdict, outcome.isWarning, outcome.reason.endsWith(never)]).toEqual([
      'skipped',
      true,
      true,
    ])
  })

  test('Where all files are replaced by others, there are enough all the same, and nothing warns.', async () => {
    await run({ minChangedFiles: 100 })
    rig.hub.commit(dataset, { deletions: Array.from({ length: 60 }, (_, n) => `train/${n % 2}/${n}.png`) })
    add(100, 160)
    const { outcome } = await run({ minChangedFiles: 100 })
    expect([outcome.verdict, rowOf(outcome)?.verdict]).toEqual(['succeeded', 'passed'])
  })
})

test('By default one changed file is enough, and the plan has no row about it.', async () => {
  await run({ minChangedFiles: 1 })
  add(60, 61)
  const { outcome } = await run({ minChangedFiles: 1 })
  expect([outcome.verdict, rowOf(outcome)]).toEqual(['succeeded', undefined])
})
