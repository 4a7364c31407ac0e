import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { changeRecord, type LedgerRecord, writeRecord } from '../../../src/ledger/record.ts'
import { gitStore } from '../../sandbox/github/git-store.ts'
import { claims, ledgerLines, replaceRecord } from '../stage/ledger-records.ts'
import { creations, expectOneTraining } from '../stage/one-training.ts'
import { type Stage, startStage } from '../stage/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

describe('A recipe that has trained', () => {
  test.concurrent('Force starts the next attempt under its own name.', async () => {
    const subject = stage.case()
    await subject.dispatch()
    const forced = await subject.manual({ force: 'true' })
    expect(forced).toMatchObject({ verdict: 'started', exitCode: 0 })
    expect(claims(stage, subject.name)).toMatchObject([{ attempt: 1 }, { attempt: 2 }])
    expect(forced.outputs['project-name']).toBe(`${subject.name}-${subject.head().slice(0, 7)}-2`)
    subject.workflow({ force: 'false' })
    expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
  })

  test.concurrent('The next commit is trained.', async () => {
    const subject = stage.case()
    await subject.dispatch()
    subject.commit()
    expect(await subject.dispatch()).toMatchObject({ verdict: 'started' })
    expect(claims(stage, subject.name)).toHaveLength(2)
  })

  test.concurrent('A new split, run limit or discussion setting in the recipe does not train the revision again.', async () => {
    const subject = stage.case()
    await subject.manual()
    const run = await subject.manual({ 'train-split': 'all', 'max-runs-per-day': '100', discussion: 'off' })
    expect(run).toMatchObject({ verdict: 'skipped' })
    expectOneTraining(stage, subject)
  })
})

describe('A ledger that cannot be used', () => {
  test.concurrent.each([{ contents: 'read' }, {}, { actions: 'write' }])(
    'With permissions %j the run is refused, and the reason names the line that the workflow needs.',
    async (permissions) => {
      const subject = stage.case()
      const run = await subject.manual({}, { permissions })
      expect(run).toMatchObject({ verdict: 'refused', exitCode: 1, errors: [run.reason] })
      expect(run.reason).toMatch(
        /^github-token may not write the ledger in acme\/retrain: give the job `permissions: contents: write`/,
      )
      expect(subject.projects()).toEqual([])
      expect(ledgerLines(stage, subject.name)).toEqual([])
      expect(await subject.manual({}, {})).toMatchObject({ verdict: 'started' })
    },
  )

  test.concurrent('An unreadable record fails the run, and the reason says how to delete it.', async () => {
    const subject = stage.case()
    await subject.manual()
    const [line] = ledgerLines(stage, subject.name)
    replaceRecord(stage, line!.ref, '{"version": 99}')
    const run = await subject.manual({ force: 'true' })
    gitStore(stage.github.repositories[0]!).refs.delete(line!.ref)
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.reason).toContain(`git push origin --delete ${line!.ref}`)
    expect(creations(subject)).toHaveLength(1)
  })
})

describe('A run that has ended', () => {
  const ended = (record: LedgerRecord, verdict: 'succeeded' | 'failed' | 'cancelled') =>
    writeRecord(changeRecord(record, { verdict }, Date.now()), [])

  test.concurrent.each([
    ['succeeded', /^This revision is already trained: http/],
    [
      'failed',
      /^The run for this revision failed and is not retried automatically: http.*re-run its jobs, or set force/,
    ],
    ['cancelled', /^The run for this revision was cancelled and is not retried automatically/],
  ] as const)(
    'After a run that ended %s, events and schedules skip, and force starts another attempt.',
    async (verdict, reason) => {
      const subject = stage.case()
      await subject.dispatch()
      const [line] = ledgerLines(stage, subject.name)
      replaceRecord(stage, line!.ref, ended(line!.record, verdict))
      for (const run of [await subject.dispatch(), await subject.schedule()]) {
        expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0, reason: expect.stringMatching(reason) })
      }
      expect(creations(subject)).toHaveLength(1)
      expect(await subject.manual({ force: 'true' })).toMatchObject({ verdict: 'started' })
    },
  )

  test.concurrent('A training that succeeded is not repeated by a re-run, not even the re-run of a forced run.', async () => {
    const subject = stage.case()
    const first = await subject.manual({ force: 'true' })
    const [line] = ledgerLines(stage, subject.name)
    replaceRecord(stage, line!.ref, ended(line!.record, 'succeeded'))
    expect(await subject.rerun(first)).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    expect(creations(subject)).toHaveLength(1)
  })
})
