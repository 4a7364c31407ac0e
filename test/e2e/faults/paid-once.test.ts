import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { envelopeFor } from '../stage/dispatches.ts'
import { ageClaim, claims, ledgerLines } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { jobScript, jobsOf, pushModel } from '../stage/trainings.ts'

let stage: Stage
/** Its Hub or its GitHub goes wrong for every request. */
let unclear: Stage
let lagging: Stage
let poor: Stage

beforeAll(async () => {
  stage = await startStage({ runner: { machines: 4 } })
  unclear = await startStage()
  lagging = await startStage()
  poor = await startStage()
})
afterAll(() => Promise.all([stage, unclear, lagging, poor].map((each) => each.close())))

const card = (subject: Case, text: string) =>
  stage.hub.commit(subject.dataset, { files: { 'README.md': text } })

test.concurrent('A start that the Hub answers with 504 is paid once, although its Job is listed only after other checks.', async () => {
  const subject = unclear.case()
  subject.workflow(jobScript(`sleep 150; ${pushModel}`, { 'max-runs-per-day': '1' }))
  unclear.hub.fault({ method: 'POST', path: /^\/api\/jobs\/acme$/, status: 504, applied: true })
  const hidden = unclear.hub.jobs.hide()

  const first = await subject.schedule()
  expect(first).toMatchObject({ verdict: 'failed', exitCode: 1 })
  expect(claims(unclear, subject.name)).toMatchObject([{ state: 'claimed', run: null }])
  expect(ledgerLines(unclear, subject.name)).toHaveLength(2)
  expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
  // Also when the claim may be taken over, the day has no second run.
  ageClaim(unclear, subject.name, 11)
  const over = await subject.schedule()
  expect(over).toMatchObject({ verdict: 'skipped', reason: expect.stringMatching(/^max-runs-per-day: /) })

  const [job] = jobsOf(unclear, subject)
  hidden.lift()
  expect(await subject.schedule()).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
  expect(jobsOf(unclear, subject)).toMatchObject([{ id: job?.id, stage: 'COMPLETED' }])
  expect(claims(unclear, subject.name)).toMatchObject([
    { attempt: 1, state: 'succeeded', run: { id: job?.id } },
  ])
})

describe('After a training that failed', () => {
  test.concurrent('README commits and a squashed history do not pay for the failed data again.', async () => {
    const subject = stage.case()
    subject.workflow(jobScript(pushModel))
    expect(await subject.schedule()).toMatchObject({ verdict: 'succeeded' })
    subject.commit()
    subject.workflow(jobScript('exit 1'))
    expect(await subject.schedule()).toMatchObject({ verdict: 'failed' })
    for (const act of [
      () => card(subject, 'one'),
      () => card(subject, 'two'),
      () => stage.hub.squash(subject.dataset),
    ]) {
      act()
      for (const run of [await subject.schedule(), await subject.dispatch()]) {
        expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0 })
        expect(run.reason).toMatch(/^Not retrying: training on [0-9a-f]{7} failed \(http.*Run workflow/)
      }
    }
    expect(jobsOf(stage, subject)).toHaveLength(2)
  })

  test.concurrent('A training that only lacks hardware or credits comes back by itself three times at most.', async () => {
    const subject = poor.case()
    subject.workflow(jobScript('echo half; sleep 60'))
    for (const attempt of [1, 2, 3]) {
      poor.hub.jobs.next({ outOfCreditsAt: /half/ })
      const run = await subject.schedule()
      expect(run).toMatchObject({ verdict: 'failed', reason: expect.stringContaining('NO_CREDITS') })
      expect(jobsOf(poor, subject)).toHaveLength(attempt)
    }
    const over = await subject.schedule()
    expect(over).toMatchObject({ verdict: 'skipped', exitCode: 0, warnings: [over.reason] })
    expect(over.reason).toMatch(/^Not retrying any more: 3 automatic attempts on this data did not succeed/)
    expect(jobsOf(poor, subject)).toHaveLength(3)
  })
})

test.concurrent('With force, replays of one delivery train once: force counts only when a person starts the workflow.', async () => {
  const subject = stage.case()
  subject.workflow(jobScript(pushModel, { force: 'true' }))
  const envelope = await envelopeFor({ dataset: subject.dataset, sha: subject.head(), id: 'msg_forced' })
  expect(await subject.dispatchRaw(envelope)).toMatchObject({ verdict: 'succeeded' })
  for (const _replay of [1, 2]) {
    const run = await subject.dispatchRaw(envelope)
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    expect(run.warnings).toEqual([expect.stringMatching(/^force is ignored: /)])
  }
  expect(jobsOf(stage, subject)).toHaveLength(1)
})

test.concurrent.each([
  ['single refs', { get: 3000 }],
  ['lists of refs', { list: 3000 }],
  ['everything', { get: 5000, list: 5000, tag: 5000, graphql: 5000 }],
])('A GitHub that shows %s some seconds late costs no running Job.', async (_what, lag) => {
  const subject = lagging.case()
  const late = lagging.github.lag(lag)
  const run = await subject.manual(jobScript(pushModel))
  late.lift()
  expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
  expect(jobsOf(lagging, subject)).toMatchObject([{ stage: 'COMPLETED' }])
  expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
  expect(claims(lagging, subject.name)).toMatchObject([{ attempt: 1, state: 'succeeded' }])
  expect(jobsOf(lagging, subject)).toHaveLength(1)
})
