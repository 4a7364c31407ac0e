import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { claims, ledgerLines } from '../stage/ledger-records.ts'
import { type Stage, startStage } from '../stage/stage.ts'
import { pushModel, runnerScript } from '../stage/trainings.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

describe('The schedule', () => {
  test.concurrent('A scheduled run follows the path rules: a changed README starts nothing.', async () => {
    const subject = stage.case()
    await subject.schedule()
    stage.hub.commit(subject.dataset, { files: { 'README.md': 'card' } })
    const run = await subject.schedule()
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    expect(run.reason).toMatch(/^Only README\.md changed since/)
  })

  test.concurrent('A recipe with a ref trains the head of that branch.', async () => {
    const subject = stage.case()
    stage.hub.branch(subject.dataset, 'curated')
    const curated = subject.head()
    subject.commit()
    const run = await subject.manual(runnerScript(pushModel, { ref: 'refs/heads/curated' }))
    expect([run.verdict, run.outputs.revision]).toEqual(['succeeded', curated])
  })

  test.concurrent("A recipe with another branch than main is refused for the guide's service, which reads main.", async () => {
    const subject = stage.case()
    stage.hub.branch(subject.dataset, 'curated')
    const run = await subject.manual({ ref: 'refs/heads/curated' })
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
    expect(run.reason).toMatch(/^ref: the trainer autotrain-classic always reads main/)
    expect(subject.projects()).toEqual([])
  })
})

describe('max-runs-per-day', () => {
  test.concurrent('max-runs-per-day: 0 starts nothing, warns, and leaves no claim.', async () => {
    const subject = stage.case()
    const run = await subject.manual({ 'max-runs-per-day': '0' })
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0, errors: [] })
    expect(run.warnings).toEqual([
      expect.stringMatching(/^max-runs-per-day: 0 allows no training\. Raise the limit/),
    ])
    expect(ledgerLines(stage, subject.name)).toEqual([])
    expect(subject.projects()).toEqual([])
    expect(await subject.manual({ 'max-runs-per-day': '1' })).toMatchObject({ verdict: 'started' })
  })

  test.concurrent('max-runs-per-day: 1 starts one run, and the next commit is trained once the limit is raised.', async () => {
    const subject = stage.case()
    await subject.manual({ 'max-runs-per-day': '1' })
    subject.commit()
    const over = await subject.manual({ 'max-runs-per-day': '1' })
    expect(over).toMatchObject({
      verdict: 'skipped',
      exitCode: 0,
      warnings: [
        expect.stringMatching(/^max-runs-per-day: the 1 run of today \(UTC\) is used up\..*raise the limit/),
      ],
    })
    expect(claims(stage, subject.name)).toHaveLength(1)
    expect(await subject.manual({ 'max-runs-per-day': '2' })).toMatchObject({ verdict: 'started' })
    const slots = ledgerLines(stage, subject.name).map(({ place }) =>
      place.replace(/\d{4}-\d\d-\d\d/, 'today'),
    )
    expect(slots.filter((place) => place.startsWith('day/'))).toEqual(['day/today/1', 'day/today/2'])
  })

  test.concurrent('max-runs-per-day holds for runs that begin in the same second.', async () => {
    const subject = stage.case()
    subject.workflow({ 'max-runs-per-day': '1' })
    const more = [1, 2].map((n) => {
      const other = stage.case()
      other.workflow({
        'max-runs-per-day': '1',
        'autotrain-project-prefix': subject.name,
        'input-dataset': subject.dataset,
        force: n === 2 ? 'true' : 'false',
      })
      return other
    })
    await Promise.all([subject, ...more].map((each) => each.schedule()))
    expect(subject.projects()).toHaveLength(1)
  })

  test.concurrent('Force does not override max-runs-per-day: 0.', async () => {
    const subject = stage.case()
    expect(await subject.manual({ 'max-runs-per-day': '0', force: 'true' })).toMatchObject({
      verdict: 'skipped',
    })
    expect(subject.projects()).toEqual([])
  })
})

test.concurrent('The summary ends with the history: each earlier run with its revision, verdict and link.', async () => {
  const subject = stage.case()
  const first = await subject.manual()
  subject.commit()
  const second = await subject.manual()
  subject.commit()
  const { summary } = await subject.manual()
  const history = summary.slice(summary.search(/^#+ .*(recent runs)/im))
  for (const { outputs } of [first, second]) {
    expect(history).toContain(outputs.revision?.slice(0, 7))
    expect(history).toContain(outputs['run-url'])
  }
  expect(history.match(/^\| .*\/commit\//gm)).toHaveLength(3)
})
