import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { standInUv } from '../../sandbox/uv/stand-in.ts'
import { names } from '../../sandbox/world.ts'
import { type ActionRun, actionRun } from '../stage/action-run.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Case, type Stage, secret, startStage } from '../stage/stage.ts'
import { findSecrets } from '../stage/text/secret-forms.ts'
import { begin, jobsOf, modelFile, pushModel } from '../stage/trainings.ts'

const wandbKey = 'wandb-key-of-32-characters-000001'
const commit = '0123456789abcdef0123456789abcdef01234567'

/** A script with a header, whose rest the stand-in for uv runs with `sh`. */
function script(rest: string, header = 'dependencies = ["pandas==2.3.0"]'): string {
  const block = header.split('\n').map((line) => `# ${line}`)
  return ['# /// script', ...block, '# ///', '# stand-in: sh', rest, ''].join('\n')
}

const files = (all: Record<string, unknown>) =>
  `${pushModel} --files ${Buffer.from(JSON.stringify(all)).toString('base64')}`
const modelIndex = `---\nmodel-index:\n- name: x\n  results:\n  - task: {type: image-classification}\n    dataset: {name: acme/x, type: x}\n    metrics:\n    - {type: accuracy, value: 0.8125}\n---\n`

const code = {
  'training/train.py': script(
    `echo "args: $*"; test -f "$AUTO_RETRAIN_DATA/train/0/first.txt" && cat "$(dirname "$0")/words.txt" && ${pushModel}`,
  ),
  'training/words.txt': 'words of a neighbour\n',
  'training/fails.py': script(
    `echo 'Traceback (most recent call last):'; echo 'ValueError: no column label'; exit 1`,
  ),
  'training/exits.py': script(`echo 'The data has no column label.' >&2; exit 1`),
  'training/no-model.py': script('echo done'),
  'training/checkpoint.py': script(`${pushModel} --half`),
  'training/shows.py': script(
    `echo "key $WANDB_API_KEY token $HF_TOKEN other [$OTHER] project $WANDB_PROJECT"; exit 3`,
  ),
  'training/token.py': script('test -z "$HF_TOKEN" && echo "no token here"'),
  'training/asks.py': script(
    `echo "mode $MODE"; ${pushModel}`,
    'dependencies = []\n[tool.hf-jobs]\nflavor = "t4-medium"\ntimeout = "30m"\nenv = { MODE = "header" }',
  ),
  'training/network.py': script('true', 'dependencies = []\n[tool.hf-jobs]\nnetwork_group = "x"'),
  'training/wants-secret.py': script('true', 'dependencies = []\n[tool.hf-jobs]\nsecrets = ["GITHUB_TOKEN"]'),
  'training/twice.py': `${script('true')}${script('true')}`,
  'training/new-python.py': script('true', 'requires-python = ">=3.14"\ndependencies = []'),
  'training/line.py': script(`echo 'auto-retrain:metrics {"eval_accuracy": 0.875}'; ${pushModel}`),
  'training/files.py': script(
    `echo "{'eval_accuracy': '0.9375', 'epoch': '1.0'}"; ${files({ 'eval_results.json': '{"eval_accuracy": 0.937512345}' })}`,
  ),
  'training/card.py': script(
    `echo '${Buffer.from(modelIndex).toString('base64')}' | base64 -d | ${pushModel} --card`,
  ),
  'training/waits.py': script('echo waiting; sleep 100'),
  'training/locked.py': script(pushModel),
  'training/locked.py.lock':
    'version = 1\nrevision = 3\nrequires-python = ">=3.12"\n\n[manifest]\nrequirements = [{ name = "numpy", specifier = "==1.0" }]\n',
  'big/data.bin': 'x'.repeat(11 * 1024 * 1024),
  '.env': 'SECRET=1\n',
}

let stage: Stage
const server = createServer((request, response) => {
  const isThere = request.url?.endsWith('/remote.py')
  response.writeHead(isThere ? 200 : 404).end(isThere ? script(pushModel) : '<!DOCTYPE html><p>404')
})
const urlOf = (name: string) =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}/acme/code/${commit}/${name}`

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  stage = await startStage({
    code,
    hub: { jobs: { uvPath: standInUv } },
    runner: {
      machines: 8,
      secrets: { HF_TOKEN: names.hubToken, WEBHOOK_SECRET: names.webhookSecret, WANDB_API_KEY: wandbKey },
    },
  })
})
afterAll(async () => {
  await stage.close()
  server.close()
})

const inputs = (name: string, more: Record<string, string> = {}) => ({
  trainer: 'script',
  script: `training/${name}.py`,
  discussion: 'off',
  ...more,
})
const env = { WANDB_API_KEY: secret('WANDB_API_KEY'), OTHER: 'other-value' }
const run = (subject: Case, name: string, more?: Record<string, string>): Promise<ActionRun> =>
  subject.manual(inputs(name, more), { env })
const modelOf = (subject: Case) => `${names.org}/${subject.name}-${subject.head().slice(0, 7)}`
const metricsOf = ({ outputs }: ActionRun) => JSON.parse(outputs.metrics ?? '')

describe('A script of the checkout', () => {
  test.concurrent('It is committed to the private repository of the model that it makes, and uv runs it there.', async () => {
    const subject = stage.case()
    const model = modelOf(subject)
    const ended = await run(subject, 'train', {
      'script-args': '--epochs=5\n--hub_model_id={model}',
      files: 'training/*.txt',
    })
    expect(ended).toMatchObject({ verdict: 'succeeded', exitCode: 0, errors: [], outputs: { model } })
    const [job, ...others] = jobsOf(stage, subject)
    expect(others).toEqual([])
    expect(job?.spec.command).toEqual([
      'uv',
      'run',
      '/code/training/train.py',
      '--epochs=5',
      `--hub_model_id=${model}`,
    ])
    expect(job?.spec.volumes).toMatchObject([
      {
        type: 'dataset',
        source: subject.dataset,
        revision: subject.head(),
        mountPath: '/data',
        readOnly: true,
      },
      { type: 'model', source: model, path: 'training', mountPath: '/code', readOnly: true },
    ])
    expect(ended.step.log.join('\n')).toContain('words of a neighbour')
    expect(await modelFile(stage, model, 'training/training/train.py')).toBe(code['training/train.py'])
    expect(await modelFile(stage, model, 'training/.env')).toBeNull()
  })

  test.concurrent('Its header chooses hardware, time limit and variables where the recipe gives none.', async () => {
    const subject = stage.case()
    const ended = await run(subject, 'asks')
    expect(ended).toMatchObject({ verdict: 'succeeded' })
    expect(ended.step.log.join('\n')).toContain('mode header')
    expect(jobsOf(stage, subject)[0]?.spec).toMatchObject({ flavor: 't4-medium', timeoutSeconds: 1800 })
    const other = stage.case()
    await run(other, 'asks', { hardware: 't4-small', env: '{"MODE": "recipe"}' })
    expect(jobsOf(stage, other)[0]?.spec).toMatchObject({ flavor: 't4-small', timeoutSeconds: 1800 })
  })

  test.concurrent('A script of a URL is fetched, committed and run like one of the checkout.', async () => {
    const subject = stage.case()
    const ended = await run(subject, '', { script: urlOf('remote.py') })
    expect(ended).toMatchObject({ verdict: 'succeeded' })
    expect(jobsOf(stage, subject)[0]?.spec.command).toEqual(['uv', 'run', '/code/remote.py'])
  })

  test.concurrent('Re-run jobs of a run that succeeded starts nothing and gives the same success.', async () => {
    const subject = stage.case()
    const first = await run(subject, 'train', { files: 'training/*.txt' })
    expect(
      await stage.runner
        .rerun(first.run.id)
        .then(({ id }) => stage.runner.finished(id))
        .then(actionRun),
    ).toMatchObject({
      verdict: 'succeeded',
      outputs: { model: first.outputs.model },
    })
    expect(jobsOf(stage, subject)).toHaveLength(1)
  })

  test.concurrent('Cancelling the workflow stops its Job.', async () => {
    const subject = stage.case()
    const id = await begin(stage, subject, { inputs: inputs('waits') })
    expect(actionRun(await stage.runner.cancel(id))).toMatchObject({ verdict: 'cancelled' })
    expect(jobsOf(stage, subject)).toMatchObject([{ stage: 'CANCELED' }])
  })
})

describe('A script that fails', () => {
  test.concurrent.each([
    ['fails', /ValueError: no column label/],
    ['exits', /The data has no column label/],
    ['no-model', /pushed nothing new|pushed no model/],
    ['checkpoint', /pushed no (?:weights|model)|checkpoint|pushed nothing/],
  ])('The reason of %s says why.', async (name, reason) => {
    const subject = stage.case()
    const ended = await run(subject, name)
    expect(ended).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(ended.reason).toMatch(reason)
  })

  test.concurrent('A changed script lets the failed data train again without a person.', async () => {
    const subject = stage.case()
    expect(await run(subject, 'fails')).toMatchObject({ verdict: 'failed' })
    expect(await subject.schedule()).toMatchObject({ verdict: 'skipped' })
    subject.workflow(inputs('line'))
    expect(await subject.schedule()).toMatchObject({ verdict: 'succeeded' })
    expect(claims(stage, subject.name)).toHaveLength(2)
  })
})

describe('Metrics', () => {
  test.concurrent.each([
    ['a line of the log', 'line', 0.875],
    ['the files of the model, with all digits', 'files', 0.937512345],
    ['the card of the model', 'card', 0.8125],
  ])('They are read from %s.', async (_where, name, value) => {
    const ended = await run(stage.case(), name)
    expect(ended).toMatchObject({ verdict: 'succeeded' })
    expect(Object.values(metricsOf(ended))).toContain(value)
  })
})

describe('Secrets', () => {
  test.concurrent('A variable that the recipe names is a secret of the Job, and is shown nowhere.', async () => {
    const subject = stage.case()
    const ended = await run(subject, 'shows', {
      secrets: 'WANDB_API_KEY',
      env: '{"WANDB_PROJECT": "flowers"}',
    })
    const [job] = jobsOf(stage, subject)
    expect(job?.secretNames.toSorted()).toEqual(['HF_TOKEN', 'WANDB_API_KEY'])
    expect(job?.spec.environment).not.toHaveProperty('OTHER')
    expect(ended.step.log.join('\n')).toContain('other [] project flowers')
    const said = JSON.stringify([
      ended.summary,
      ended.outputs,
      ended.step.state,
      ended.step.log,
      claims(stage, subject.name),
    ])
    expect(findSecrets(said, { hub: names.hubToken, wandb: wandbKey })).toEqual([])
  })

  test.concurrent('give-token: false keeps the token out of the container.', async () => {
    const subject = stage.case()
    const ended = await run(subject, 'token', { 'expect-model': 'false' })
    expect(ended).toMatchObject({ verdict: 'succeeded', outputs: { model: '' } })
    expect(ended.step.log.join('\n')).toContain('no token here')
  })
})

describe('Before money', () => {
  test.concurrent.each([
    ['a missing script', 'nothing', {}, /the workspace has no file training\/nothing\.py.*actions\/checkout/],
    ['two headers', 'twice', {}, /twice\.py.*(?:two|second|more than one)/],
    ['a network of Jobs', 'network', {}, /network_group .* not allowed/],
    ['a secret that only the script asks for', 'wants-secret', {}, /asks for the secret GITHUB_TOKEN/],
    [
      'a Python that the image does not have',
      'new-python',
      {},
      /wants Python >=3\.14, and the image .* has 3\.12/,
    ],
    ['files that are too large', 'train', { files: 'big/*' }, /^files: 11 MB would be shipped/],
    ['a dot file', 'train', { files: '.env' }, /^files .*dot file|^files: \.env/],
    [
      'a pattern that matches nothing',
      'train',
      { files: 'nowhere/*' },
      /^files: nowhere\/\* matches no file/,
    ],
    ['an unknown placeholder', 'train', { 'script-args': '--x={modell}' }, /modell.*model/],
    ['a secret without a value', 'train', { secrets: 'NOT_SET' }, /NOT_SET/],
    ['a command beside the script', 'train', { command: 'true' }, /^command: /],
  ])('%s is refused with one sentence, and no Job starts.', async (_what, name, more, reason) => {
    const subject = stage.case()
    const ended = await run(subject, name, more)
    expect(ended).toMatchObject({ verdict: 'refused', exitCode: 1 })
    expect(ended.reason).toMatch(reason)
    expect(jobsOf(stage, subject)).toEqual([])
  })

  test.concurrent('A URL that answers 404 is refused: uv would run the page as Python.', async () => {
    const subject = stage.case()
    const ended = await run(subject, '', { script: urlOf('gone.py') })
    expect(ended).toMatchObject({ verdict: 'refused' })
    expect(ended.reason).toMatch(/gone\.py answered 404/)
    expect(jobsOf(stage, subject)).toEqual([])
  })

  test.concurrent('A key of the script beside another trainer is refused.', async () => {
    const ended = await stage.case().manual({ script: 'training/train.py' })
    expect(ended).toMatchObject({ verdict: 'refused' })
    expect(ended.reason).toMatch(/^script: it is for trainer: script, not for autotrain-classic/)
  })
})

test.concurrent('A lock that does not fit the header ends the Job with what to do.', async () => {
  const subject = stage.case()
  const ended = await run(subject, 'locked')
  expect(ended).toMatchObject({ verdict: 'failed' })
  expect(ended.reason).toMatch(/lock/)
  expect(jobsOf(stage, subject)[0]?.spec.command?.slice(0, 3)).toEqual(['uv', 'run', '--locked'])
})
