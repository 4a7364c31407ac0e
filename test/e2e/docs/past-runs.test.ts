import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { blockUnder } from '../../docs/page-blocks.ts'
import { names } from '../../sandbox/world.ts'
import { claimLines, claims, replaceRecord } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { jobScript, pushModel, runnerScript } from '../stage/trainings.ts'
import { cloneLedger, type LedgerClone } from './ledger-clone.ts'

const page = 'docs/operations.md'
const past = 'See all past runs, and what they cost'
const fetchRuns = blockUnder(page, { heading: past, part: 'git fetch' })
const table = blockUnder(page, { heading: past, part: 'CLAIMED' })
const sums = blockUnder(page, { heading: past, part: 'MONTH' })

let stage: Stage
let published: Case
let other: Case
let ledger: LedgerClone

beforeAll(async () => {
  stage = await startStage()
  published = stage.case()
  const train = (accuracy: number) =>
    published.manual(
      jobScript(`${pushModel} && echo 'auto-retrain:metrics {"eval_accuracy": ${accuracy}}'`, {
        'publish-to': `${names.org}/digits`,
        'compare-metric': 'eval_accuracy',
      }),
    )
  await train(0.9)
  published.commit()
  await train(0.8)
  published.commit()
  await published.manual(jobScript('exit 1'))
  await published.manual(jobScript('exit 1'))
  other = stage.case()
  await other.manual(runnerScript(pushModel))
  ledger = cloneLedger(stage)
})
afterAll(async () => {
  ledger?.remove()
  await stage.close()
})

const rows = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split(/ {2,}/))
const money = (usd: number | null) => (usd === null ? '-' : `${Math.round(usd * 100) / 100}`)

describe('The commands of docs/operations.md that list past runs', () => {
  test('The table has one line for each training, oldest first, with how it ended and what it cost.', () => {
    const [head, ...lines] = rows(ledger.run(`${fetchRuns}${table}`))
    expect(head).toEqual(['CLAIMED', 'RECIPE', 'DATA', 'STATE', 'MINUTES', 'USD', 'RUN'])
    const records = [...claims(stage, published.name), ...claims(stage, other.name)].sort((a, b) =>
      a.times.claimed < b.times.claimed ? -1 : 1,
    )
    expect(lines).toEqual(
      records.map((record) => [
        record.times.claimed.slice(0, 16),
        record.recipe,
        record.revision.slice(0, 7) + (record.attempt > 1 ? `-${record.attempt}` : ''),
        record.state,
        record.trainedMs === null ? '-' : `${Math.ceil(record.trainedMs / 60_000)}`,
        money(record.cost),
        record.run?.url ?? record.workflow.url,
      ]),
    )
    expect(lines.map(([, , , state]) => state).sort()).toEqual([
      'failed',
      'failed',
      'succeeded',
      'succeeded',
      'succeeded',
    ])
  })

  test('A training whose cost is not known is shown with the most that it can have cost.', () => {
    const open = stage.case()
    const [line] = claimLines(stage, published.name)
    if (line === undefined) throw new Error('There is no record.')
    const record = { ...line.record, state: 'started', cost: null, trainedMs: null, costEstimate: 0.8 }
    replaceRecord(
      stage,
      `refs/auto-retrain/acme-${open.name}-00000000/${line.record.revision}`,
      JSON.stringify({ ...record, recipe: `acme-${open.name}-00000000` }),
    )
    const copy = cloneLedger(stage)
    const shown = rows(copy.run(`${fetchRuns}${table}`)).find(([, recipe = '']) => recipe.includes(open.name))
    expect(shown?.slice(3, 6)).toEqual(['started', '-', '<=0.8'])
    const sum = rows(copy.run(`${fetchRuns}${sums}`)).find(([, recipe = '']) => recipe.includes(open.name))
    expect(sum?.slice(2)).toEqual(['1', '0.8'])
    copy.remove()
  })

  test('The sums have one line for each month and recipe.', () => {
    const records = claims(stage, published.name)
    const usd = records.reduce((sum, { cost }) => sum + (cost ?? 0), 0)
    const month = records[0]?.times.claimed.slice(0, 7)
    expect(rows(ledger.run(`${fetchRuns}${sums}`))).toContainEqual([
      month,
      records[0]?.recipe,
      '4',
      money(usd),
    ])
  })

  test('The list of publications says what was published and what was held, and why.', () => {
    const lines = ledger
      .run(blockUnder(page, { heading: 'A publication was held' }))
      .trim()
      .split('\n')
    expect(lines).toEqual([
      expect.stringMatching(/^published\t[0-9a-f]{40}\t./),
      expect.stringMatching(/^held\t-\t.*0\.8/),
    ])
  })

  test('A ref that is in the way is saved to a file and deleted, and no other.', () => {
    const [line] = claimLines(stage, other.name)
    const before = ledger.refs()
    const lines = blockUnder(page, { heading: 'A ref is in the way' })
    expect(lines).toContain('REF=refs/auto-retrain/RECIPE/REVISION')
    const ref = line?.ref ?? ''
    ledger.run(lines.replace('refs/auto-retrain/RECIPE/REVISION', ref))
    expect(JSON.parse(ledger.run('sed "1,/^$/d" record.txt'))).toMatchObject({ state: 'succeeded' })
    expect(ledger.refs()).toEqual(before.filter((name) => name !== ref))
  })
})
