import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { gitStore } from '../../sandbox/github/git-store.ts'
import { claimLines, claims, endClaim, ledgerLines, replaceRecord } from '../stage/ledger-records.ts'
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
        /^GitHub refused to .* in acme\/retrain \(403, request id .*: "Resource not accessible by integration"\)\. Give the job `permissions: contents: write`/,
      )
      expect(subject.projects()).toEqual([])
      expect(ledgerLines(stage, subject.name)).toEqual([])
      expect(await subject.manual({}, {})).toMatchObject({ verdict: 'started' })
    },
  )

  test.concurrent('An unreadable record fails the run, and the reason says how to delete it.', async () => {
    const subject = stage.case()
    await subject.manual()
    const [line] = claimLines(stage, subject.name)
    replaceRecord(stage, line!.ref, '{"version": 99}')
    const run = await subject.manual({ force: 'true' })
    gitStore(stage.github.repositories[0]!).refs.delete(line!.ref)
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.reason).toContain(`git push origin --delete ${line!.ref}`)
    expect(creations(subject)).toHaveLength(1)
  })
})

describe('A run that has ended', () => {
  const notRetrying = /^Not retrying: training on [0-9a-f]{7} failed \(http.*Fixed it\? Run workflow\./

  test.concurrent.each([
    ['succeeded', { state: 'succeeded' }, /^Already trained: http/, 0],
    ['failed in the training itself', { state: 'failed', cause: 'training' }, notRetrying, 1],
    ['failed at a limit', { state: 'failed', cause: 'limit' }, notRetrying, 1],
    [
      'was cancelled with its workflow run',
      { state: 'cancelled', cause: 'workflow' },
      /^Not retrying: the training on .* was cancelled with its workflow run.*Run workflow/,
      1,
    ],
    [
      'was cancelled by a person',
      { state: 'cancelled', cause: 'person' },
      /^A person cancelled the training on .*Run workflow to train it after all\.$/,
      0,
    ],
  ] as const)(
    'After a run that %s, events and schedules skip, and force starts another attempt.',
    async (_how, facts, reason, warnings) => {
      const subject = stage.case()
      await subject.dispatch()
      for (const line of claimLines(stage, subject.name)) endClaim(stage, line, { began: true, ...facts })
      for (const run of [await subject.dispatch(), await subject.schedule()]) {
        expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0, reason: expect.stringMatching(reason) })
        expect(run.warnings).toHaveLength(warnings)
      }
      expect(creations(subject)).toHaveLength(1)
      expect(await subject.manual({ force: 'true' })).toMatchObject({ verdict: 'started' })
    },
  )

  test.concurrent('A training that succeeded is not repeated by a re-run, not even the re-run of a forced run.', async () => {
    const subject = stage.case()
    const first = await subject.manual({ force: 'true' })
    for (const line of claimLines(stage, subject.name)) endClaim(stage, line, { state: 'succeeded' })
    expect(await subject.rerun(first)).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
    expect(creations(subject)).toHaveLength(1)
  })
})
