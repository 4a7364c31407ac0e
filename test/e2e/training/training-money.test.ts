import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { names } from '../../sandbox/world.ts'
import { actionRun } from '../stage/action-run.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Case, type Stage, secret, startStage } from '../stage/stage.ts'
import { begin, jobScript, jobsOf, pushModel } from '../stage/trainings.ts'

const readToken = 'hf_ReadsTheHubAndMayNotStartJobs04'

let stage: Stage

beforeAll(async () => {
  const secrets = {
    HF_TOKEN: names.hubToken,
    WEBHOOK_SECRET: names.webhookSecret,
    WRONG: 'hf_NobodyHasThisTokenAnyMore00005',
    READ: readToken,
  }
  stage = await startStage({ runner: { machines: 6, secrets } })
  stage.hub.addToken({ user: names.user, token: readToken, role: 'read' })
})
afterAll(() => stage.close())

const starts = (path: string) =>
  stage.hub.requests.filter(({ method, path: asked }) => method === 'POST' && asked === path)

function expectNothingSpent(subject: Case): void {
  expect(jobsOf(stage, subject)).toEqual([])
  expect(claims(stage, subject.name)).toEqual([])
}

describe('Without credits', () => {
  test.concurrent('Without credits nothing starts and the revision stays free for the next run.', async () => {
    const subject = stage.case()
    const inputs = jobScript(pushModel, { 'target-namespace': 'ada' })
    stage.hub.jobs.setCredits('ada', false)
    const broke = await subject.manual(inputs)
    expect(broke).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(broke.errors).toEqual([
      expect.stringMatching(
        /^The Hub did not start the Job \(402.*credit balance is insufficient.*\)\. Add credits in the billing settings of ada: /,
      ),
    ])
    expectNothingSpent(subject)
    expect(stage.hub.discussions(subject.dataset)).toEqual([])
    // A certain no is not asked again.
    expect(starts('/api/jobs/ada')).toHaveLength(1)

    stage.hub.jobs.setCredits('ada', true)
    expect(await subject.schedule()).toMatchObject({ verdict: 'succeeded' })
    expect(claims(stage, subject.name)).toMatchObject([{ attempt: 1, state: 'succeeded' }])
  })

  test.concurrent('When credits run out, the Hub ends the Job, and the reason says where to pay.', async () => {
    const subject = stage.case()
    const id = await begin(stage, subject, {
      inputs: jobScript('sleep 1; echo half; sleep 60'),
      habits: { outOfCreditsAt: /half/ },
    })
    const run = actionRun(await stage.runner.finished(id))
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.reason).toMatch(/NO_CREDITS.*acme has no credits left.*settings\/billing/)
    expect(claims(stage, subject.name)).toMatchObject([{ state: 'failed' }])
  })
})

describe('A Job whose memory is too small', () => {
  test.concurrent('A Job that runs out of memory fails the step, and the reason says that it was killed.', async () => {
    const subject = stage.case()
    const id = await begin(stage, subject, {
      // Python loses its child, as a data loader's worker is lost.
      inputs: jobScript('sleep 1; sh -c "echo filling the memory; sleep 60"; exit $?'),
      habits: { oomKillAt: /filling/ },
    })
    const run = actionRun(await stage.runner.finished(id))
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.reason).toMatch(/^The Job ran out of memory .*(OOMKilled|137|Killed)/)
  })
})

describe('Before anything is spent', () => {
  test.concurrent.each([
    ['An unknown token', secret('WRONG'), /hf-token/],
    [
      'A token that may not start Jobs',
      secret('READ'),
      /^hf-token: a read token, which cannot start and manage Jobs: use a write token/,
    ],
  ])('%s ends the run before anything is spent.', async (_what, token, sentence) => {
    const subject = stage.case()
    const run = await subject.manual(jobScript('echo never', { 'hf-token': token }))
    expect(run.exitCode).toBe(1)
    expect(['refused', 'failed']).toContain(run.verdict)
    expect(run.errors).toEqual([expect.stringMatching(sentence)])
    expectNothingSpent(subject)
  })

  test.concurrent('A timeout longer than a hosted runner may wait is refused, and the reason says what to do.', async () => {
    const subject = stage.case()
    const run = await subject.manual(jobScript('echo never', { timeout: '7h', 'max-cost': '100' }))
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
    expect(run.errors[0]).toMatch(/^timeout: .*wait: false/)
    expectNothingSpent(subject)
    expect(await subject.manual(jobScript('echo yes', { timeout: '7h', wait: 'false' }))).toMatchObject({
      verdict: 'started',
    })
  })

  test.concurrent('A workflow that asks for approval can plan any number of times.', async () => {
    const subject = stage.case()
    for (const _ of [1, 2]) {
      const plan = await subject.manual(jobScript('echo later', { 'dry-run': 'true', hardware: 'l4x1' }))
      expect(plan).toMatchObject({ verdict: 'planned', exitCode: 0 })
      expect(Number(plan.outputs['cost-estimate'])).toBeCloseTo(1.6)
      expect(plan.summary).toContain('l4x1')
    }
    expectNothingSpent(subject)
    expect(stage.hub.discussions(subject.dataset)).toEqual([])
  })
})
