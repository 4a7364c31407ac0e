import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { names } from '../../sandbox/world.ts'
import { type ActionRun, actionRun } from '../stage/action-run.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { findSecrets } from '../stage/text/secret-forms.ts'
import { pushModel } from '../stage/trainings.ts'
import { until } from '../stage/until.ts'

let stage: Stage
/** Its runner kills a cancelled step before it can do anything. */
let merciless: Stage

beforeAll(async () => {
  stage = await startStage({ runner: { machines: 8 } })
  merciless = await startStage({ runner: { waits: { interrupt: 1, terminate: 1 } } })
})
afterAll(() => Promise.all([stage.close(), merciless.close()]))

/** Inputs of a Job that runs a script. */
const script = (command: string, more: Record<string, string> = {}) => ({
  trainer: 'job',
  image: 'python:3.12',
  command,
  discussion: 'thread',
  ...more,
})
const jobsOf = (on: Stage, subject: Case) =>
  on.hub.jobs.all.filter(({ labels }) => String(labels?.name).startsWith(`${subject.name}-`))
const records = (on: Stage, subject: Case) => claims(on, subject.name)

async function begin(on: Stage, subject: Case, inputs: Record<string, string>) {
  subject.workflow(inputs)
  const { id } = await on.runner.manual(`${subject.name}.yml`)
  await until(() => jobsOf(on, subject).some(({ stage: now }) => now === 'RUNNING'))
  await until(() => records(on, subject)[0]?.state === 'started')
  return id
}

describe('A training that is followed', () => {
  test.concurrent('A training that is followed succeeds with one Job, its metrics, its record and one comment.', async () => {
    const subject = stage.case()
    const run = await subject.manual(
      script(
        `test -f /data/train/0/first.txt && echo "{'eval_accuracy': 0.9, 'epoch': 1.0}" && ${pushModel}`,
      ),
    )
    expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0, errors: [] })
    expect(JSON.parse(run.outputs.metrics ?? '')).toMatchObject({ eval_accuracy: 0.9 })
    expect(jobsOf(stage, subject)).toHaveLength(1)
    expect(records(stage, subject)).toMatchObject([{ state: 'succeeded', metrics: { eval_accuracy: 0.9 } }])
    const [thread] = stage.hub.discussions(subject.dataset)
    expect(thread?.events.filter(({ type }) => type === 'comment')).toHaveLength(2)
  })

  test.concurrent('A training that is followed and prints the token shows it nowhere.', async () => {
    const subject = stage.case()
    const run = await subject.manual(script('echo "the token is $HF_TOKEN"; exit 3'))
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    const said = JSON.stringify([
      run.summary,
      run.outputs,
      run.step.state,
      run.step.log,
      records(stage, subject),
    ])
    const told = JSON.stringify(stage.hub.discussions(subject.dataset))
    expect(findSecrets(said + told, { hub: names.hubToken })).toEqual([])
  })

  test.concurrent('A training on a private dataset prints nothing of it in public.', async () => {
    const subject = stage.case({ private: true })
    // The script itself stands in the workflow; what it reads does not.
    const command = 'row="row-of-$(echo a-patient)"; echo "$row"; echo "ValueError: $row"; exit 1'
    const run = await subject.manual(script(command))
    expect(run).toMatchObject({ verdict: 'failed' })
    const seen = [run.step.log, run.summary, run.step.annotations, run.outputs, records(stage, subject)]
    expect(JSON.stringify(seen)).not.toContain('row-of-a-patient')
    expect(run.reason).toContain(`${stage.hub.url}/jobs/acme/`)
  })

  test.concurrent('A training whose start got no answer is found, not started twice.', async () => {
    const subject = stage.case()
    stage.hub.fault({ method: 'POST', path: /^\/api\/jobs\/acme$/, reset: true, applied: true })
    const run = await subject.manual(script(pushModel))
    expect(run).toMatchObject({ verdict: 'succeeded' })
    expect(jobsOf(stage, subject)).toHaveLength(1)
  })
})

describe('Cancelling the workflow', () => {
  test.concurrent('Cancelling the workflow stops the Job and closes its record.', async () => {
    const subject = stage.case()
    const id = await begin(stage, subject, script('sleep 100'))
    const run = actionRun(await stage.runner.cancel(id))
    expect(run).toMatchObject({ verdict: 'cancelled', exitCode: 1 })
    expect(run.reason).toBe('The workflow was cancelled, and the training with it.')
    expect(jobsOf(stage, subject)).toMatchObject([{ stage: 'CANCELED' }])
    expect(records(stage, subject)).toMatchObject([{ state: 'cancelled' }])
  })

  test.concurrent('When the step is killed at once, the end of the job stops the Job.', async () => {
    const subject = merciless.case()
    const id = await begin(merciless, subject, script('sleep 100'))
    const { post } = actionRun(await merciless.runner.cancel(id))
    expect(post?.rawOutput).toContain('Stopped the training')
    expect(jobsOf(merciless, subject)).toMatchObject([{ stage: 'CANCELED' }])
    expect(records(merciless, subject)).toMatchObject([{ state: 'cancelled' }])
  })

  test.concurrent('When the Hub does not stop the Job, the error says where to look.', async () => {
    const subject = stage.case()
    const id = await begin(stage, subject, script('sleep 20'))
    const [job] = jobsOf(stage, subject)
    const path = new RegExp(`/${job?.id}/cancel$`)
    stage.hub.fault({ method: 'POST', path, status: 403, times: Number.POSITIVE_INFINITY })
    const run = actionRun(await stage.runner.cancel(id))
    expect(run.verdict).toBe('cancelled')
    expect(run.errors.join()).toContain(`${stage.hub.url}/jobs/acme/${job?.id}`)
  })
})

describe('A machine that dies while the Job runs', () => {
  test.concurrent('When the machine dies while the Job runs, "Re-run jobs" follows the Job to its end.', async () => {
    const subject = stage.case()
    const id = await begin(stage, subject, script(`sleep 8; ${pushModel}`))
    const dead = await stage.runner.kill(id)
    const again = actionRun(await stage.runner.finished((await stage.runner.rerun(dead.id)).id))
    expect(again).toMatchObject({ verdict: 'succeeded' })
    expect(jobsOf(stage, subject)).toHaveLength(1)
    expect(records(stage, subject)).toMatchObject([{ attempt: 1, state: 'succeeded' }])
  })
})

test.concurrent('When the machine dies before it recorded its Job, "Re-run jobs" finds the Job and follows it.', async () => {
  const subject = stage.case()
  subject.workflow(script(`sleep 5; ${pushModel}`, { 'target-namespace': 'ada' }))
  stage.hub.fault({ method: 'POST', path: /^\/api\/jobs\/ada$/, hang: true, applied: true })
  const { id } = await stage.runner.manual(`${subject.name}.yml`)
  await until(() => jobsOf(stage, subject).length === 1)
  await stage.runner.kill(id)
  expect(records(stage, subject)).toMatchObject([{ state: 'claimed' }])
  const again = actionRun(await stage.runner.finished((await stage.runner.rerun(id)).id))
  expect(again).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
  expect(records(stage, subject)).toMatchObject([{ attempt: 1, state: 'succeeded' }])
  expect(jobsOf(stage, subject)).toHaveLength(1)
})

describe('Without waiting', () => {
  test.concurrent('Without waiting, the step ends started, and the next run reports how the training ended.', async () => {
    const subject = stage.case()
    const first = await subject.manual(script(pushModel, { wait: 'false' }))
    expect(first).toMatchObject({ verdict: 'started', exitCode: 0 })
    await until(() => jobsOf(stage, subject).every(({ stage: now }) => now === 'COMPLETED'))
    expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
    expect(records(stage, subject)).toMatchObject([{ state: 'succeeded' }])
    expect(jobsOf(stage, subject)).toHaveLength(1)
  })
})

describe('A training that may not start', () => {
  const refusals: [string, Record<string, string>, RegExp][] = [
    [
      'on hardware that is not there',
      { hardware: 'abacus' },
      /^hardware: Hugging Face Jobs has no abacus\. Available, by the hour: cpu-basic/,
    ],
    ['above the ceiling', { 'max-cost': '0.10' }, /^max-cost: .*\$0\.80.*\$0\.10/],
    ['without an image', { image: '' }, /^image: the trainer job needs a Docker image/],
  ]
  test.concurrent.each(refusals)('Nothing is started %s.', async (_why, inputs, sentence) => {
    const subject = stage.case()
    const run: ActionRun = await subject.manual(script('echo never', inputs))
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
    expect(run.errors[0]).toMatch(sentence)
    expect(jobsOf(stage, subject)).toEqual([])
    expect(records(stage, subject)).toEqual([])
  })

  test.concurrent('A dry run starts nothing, and says what would start and what it can cost.', async () => {
    const subject = stage.case()
    const run = await subject.manual(script('echo never', { 'dry-run': 'true' }))
    expect(run).toMatchObject({ verdict: 'planned', exitCode: 0 })
    expect(Number(run.outputs['cost-estimate'])).toBeCloseTo(0.8)
    expect(run.outputs.revision).toBe(subject.head())
    expect(jobsOf(stage, subject)).toEqual([])
    expect(records(stage, subject)).toEqual([])
  })
})

describe('On the runner', () => {
  const onRunner = (command: string) => ({ trainer: 'command', command, discussion: 'off' })

  test.concurrent('On the runner a script finds the revision and the token, and none of the inputs.', async () => {
    const subject = stage.case()
    const run = await subject.manual(
      onRunner(
        'test "$AUTO_RETRAIN_REVISION" = "$WANTED" && test -n "$HF_TOKEN" && test -f "$AUTO_RETRAIN_CONFIG_FILE" ' +
          `&& ! env | grep -E "^(INPUT_|STATE_|ACTIONS_|GITHUB_OUTPUT)" && ${pushModel}`,
      ),
      { env: { WANTED: subject.head() } },
    )
    expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
    expect(records(stage, subject)).toMatchObject([{ state: 'succeeded' }])
  })

  test.concurrent('On the runner a failing script fails the step, and what it prints is no command of the runner.', async () => {
    const subject = stage.case()
    const run = await subject.manual(
      onRunner(
        'echo "::error::from the script"; echo "##[add-path]/evil"; echo "::set-output name=x::y"; exit 3',
      ),
    )
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.errors).toHaveLength(1)
    expect(run.outputs.x).toBeUndefined()
    expect(
      run.step.commands.filter(
        ({ name }) => !['add-mask', 'debug', 'group', 'endgroup', 'error'].includes(name),
      ),
    ).toEqual([])
  })
})
