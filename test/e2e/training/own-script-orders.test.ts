import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { standInUv } from '../../sandbox/uv/stand-in.ts'
import { names } from '../../sandbox/world.ts'
import type { ActionRun } from '../stage/action-run.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Case, type Stage, secret, startStage } from '../stage/stage.ts'
import { findSecrets } from '../stage/text/secret-forms.ts'
import { jobsOf, modelFile, pushModel } from '../stage/trainings.ts'

const wandbKey = 'wandb-key-of-32-characters-000002'
const trainingToken = 'hf_TrainsAndMakesTheRepository0002'
const script = (rest: string) =>
  ['# /// script', '# dependencies = ["pandas==2.3.0"]', '# ///', '# stand-in: sh', rest, ''].join('\n')

let stage: Stage

beforeAll(async () => {
  stage = await startStage({
    code: { 'training/train.py': script(pushModel), 'training/other.py': script(`true; ${pushModel}`) },
    hub: { jobs: { uvPath: standInUv } },
    runner: {
      secrets: {
        HF_TOKEN: names.hubToken,
        WEBHOOK_SECRET: names.webhookSecret,
        WANDB_API_KEY: wandbKey,
        TRAINING_TOKEN: trainingToken,
      },
    },
  })
  stage.hub.addUser({ name: 'trainer', token: trainingToken, orgs: [names.org] })
})
afterAll(() => stage.close())

const run = (subject: Case, more: Record<string, string> = {}): Promise<ActionRun> =>
  subject.manual(
    {
      trainer: 'script',
      script: 'training/train.py',
      'training-token': secret('TRAINING_TOKEN'),
      secrets: 'WANDB_API_KEY',
      discussion: 'off',
      ...more,
    },
    { env: { WANDB_API_KEY: secret('WANDB_API_KEY') } },
  )
const modelOf = (subject: Case) => `${names.org}/${subject.name}-${subject.head().slice(0, 7)}`
/** The titles of a model's commits, newest first. */
const titlesOf = async (model: string): Promise<string[]> => {
  const headers = { authorization: `Bearer ${names.hubToken}` }
  const response = await fetch(`${stage.hub.url}/api/models/${model}/commits/main`, { headers })
  const commits: { title: string }[] = response.ok ? JSON.parse(await response.text()) : []
  return commits.map(({ title }) => title)
}
const order = { method: 'POST', path: /^\/api\/jobs\/acme$/ }

test('A refusal that repeats the whole request shows no secret, and the code that is there is used by the next run.', async () => {
  const subject = stage.case()
  const said = `Invalid secrets: {"HF_TOKEN":"${trainingToken}","WANDB_API_KEY":"${wandbKey}"}`
  stage.hub.fault({ ...order, status: 400, body: { error: said } })
  const refused = await run(subject)
  expect(refused.verdict).toBe('failed')
  expect(refused.reason).toContain('Invalid secrets')
  const shown = JSON.stringify([
    refused.reason,
    refused.outputs,
    refused.summary,
    refused.step.state,
    refused.step.rawOutput.replaceAll(/^::add-mask::.*$/gm, ''),
    claims(stage, subject.name),
  ])
  expect(findSecrets(shown, { hub: names.hubToken, training: trainingToken, wandb: wandbKey })).toEqual([])
  expect(claims(stage, subject.name)).toEqual([])
  const model = modelOf(subject)
  const ended = await run(subject)
  expect(ended).toMatchObject({ verdict: 'succeeded', outputs: { model } })
  expect(jobsOf(stage, subject)).toHaveLength(1)
  const sent = stage.hub.requests
    .filter(({ method, path }) => method === 'POST' && order.path.test(path))
    .at(-1)
  expect(Object.keys(JSON.parse(sent?.body ?? '{}'))).not.toContain('attempts')
  expect((await titlesOf(model)).filter((title) => title.startsWith('Training code'))).toHaveLength(1)
})

test('When the code cannot be committed, nothing is ordered and the claim is released.', async () => {
  const subject = stage.case()
  stage.hub.fault({ method: 'POST', path: new RegExp(`${modelOf(subject)}/commit/main`), times: 9 })
  expect(await run(subject)).toMatchObject({ verdict: 'failed' })
  expect([jobsOf(stage, subject), claims(stage, subject.name)]).toEqual([[], []])
})

test('Code that was left for another script is not used: the model gets another name.', async () => {
  const subject = stage.case()
  stage.hub.fault({ ...order, status: 400, body: { error: 'no' } })
  await run(subject)
  const ended = await run(subject, { script: 'training/other.py' })
  const model = `${modelOf(subject)}-2`
  expect(ended).toMatchObject({ verdict: 'succeeded', outputs: { model } })
  expect(await modelFile(stage, model, 'training/training/other.py')).toContain('true; ')
})

test('A title alone proves nothing: other code under it is not run with the secrets of the training.', async () => {
  const subject = stage.case()
  stage.hub.fault({ ...order, status: 400, body: { error: 'no' } })
  await run(subject)
  const model = modelOf(subject)
  const [title = ''] = await titlesOf(model)
  expect(title).toMatch(/^Training code: /)
  stage.hub.commit(model, { type: 'model', files: { 'training/training/train.py': script('exit 7') }, title })
  expect(await run(subject)).toMatchObject({ verdict: 'succeeded', outputs: { model: `${model}-2` } })
})

test('A dry run makes no repository, and its plan says who will be able to read the code.', async () => {
  const subject = stage.case()
  const planned = await run(subject, { 'dry-run': 'true' })
  expect(planned).toMatchObject({ verdict: 'planned' })
  expect(planned.summary).toContain('all members of acme can read it')
  expect(await titlesOf(modelOf(subject))).toEqual([])
})

test('A secret that is also a plain variable is refused.', async () => {
  const subject = stage.case()
  const ended = await run(subject, { env: '{"WANDB_API_KEY": "x"}' })
  expect(ended).toMatchObject({ verdict: 'refused' })
  expect(ended.reason).toMatch(/^secrets: WANDB_API_KEY is in env too/)
})

test('A Job with an image of your own gets the named secrets too, and shows them nowhere.', async () => {
  const subject = stage.case()
  const command = `set -e; echo "key $WANDB_API_KEY other [$OTHER] token [$HF_TOKEN]"; exit 3`
  const inputs = { trainer: 'job', image: 'python:3.12', command, discussion: 'off' }
  const env = { WANDB_API_KEY: secret('WANDB_API_KEY'), OTHER: 'other-value' }
  const more = { secrets: 'WANDB_API_KEY', 'give-token': 'false' }
  const ended = await subject.manual({ ...inputs, ...more }, { env })
  expect(jobsOf(stage, subject)[0]?.secretNames).toEqual(['WANDB_API_KEY'])
  expect(ended.step.log.join('\n')).toContain('other [] token []')
  const shown = JSON.stringify([ended.summary, ended.outputs, ended.step.state, ended.step.log])
  expect(findSecrets(shown, { wandb: wandbKey })).toEqual([])
})
