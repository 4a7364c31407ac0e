import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { names } from '../../sandbox/world.ts'
import type { ActionRun } from '../stage/action-run.ts'
import { type Stage, startStage } from '../stage/stage.ts'
import { type Together, together } from '../stage/together.ts'

interface WrongForm {
  title: string
  inputs?: Record<string, string | undefined>
  /** Runs before the action, in the workspace. */
  before?: string
  env?: Record<string, string>
  reason: RegExp
}

const file = (path: string, text: string) => `mkdir -p .github\ncat > ${path} <<'END'\n${text}\nEND\n`
const identity = {
  'input-dataset': undefined,
  'input-model': undefined,
  'target-namespace': undefined,
  'autotrain-project-prefix': undefined,
}

const settings: WrongForm[] = [
  {
    title: 'no hf-token, as in a pull request from a fork',
    inputs: { 'hf-token': '' },
    reason: /^hf-token is empty: .*pull requests from forks get no secrets/,
  },
  {
    title: "another service's token as hf-token",
    inputs: { 'hf-token': 'ghp_0123456789' },
    reason: /^hf-token must be a Hugging Face access token, which begins with hf_\.$/,
  },
  {
    title: 'an empty github-token',
    inputs: { 'github-token': '' },
    reason: /^The ledger needs github-token: leave the input out/,
  },
  ...(
    [
      ['dry-run', 'yes'],
      ['force', '1'],
      ['allow-plain-secret', 'true story'],
    ] as const
  ).map(([name, value]) => ({
    title: `${name}: ${value}`,
    inputs: { [name]: value },
    reason: new RegExp(`^${name} must be true or false\\.$`),
  })),
  ...['90', '1h30m'].map((value) => ({
    title: `max-age: ${value}`,
    inputs: { 'max-age': value },
    reason: /^max-age must be a number with a unit \(s, m, h, d\), such as/,
  })),
  {
    title: 'a revision that is not a ref',
    inputs: { revision: 'main; id' },
    reason: /^revision must be a full commit sha, a branch or a tag of the dataset\.$/,
  },
]

const recipe: WrongForm[] = [
  ...Object.keys(identity)
    .filter((name) => name !== 'autotrain-project-prefix')
    .map((name) => ({
      title: `no ${name} anywhere`,
      inputs: { [name]: undefined },
      reason: new RegExp(`^${name} is missing: set it as an input, or as ${name.replaceAll('-', '_')} in`),
    })),
  ...(
    [
      ['input-dataset', 'a/b";id>/tmp/p;#'],
      ['autotrain-project-prefix', 'two--hyphens'],
      ['ref', 'main'],
      ['settle', '5'],
      ['column-mapping', '{"image": '],
      ['params', 'fast'],
      ['trainer', 'autotrain-modern'],
      ['timeout', '30s'],
      ['max-cost', 'five'],
      ['max-runs-per-day', '1.5'],
      ['wait', 'no'],
      ['discussion', 'loud'],
    ] as const
  ).map(([name, value]) => ({
    title: `${name}: ${value}`,
    inputs: { [name]: value },
    reason: new RegExp(`^${name} must be [^\\n]+\\.$`),
  })),
  {
    title: 'a column-mapping of another task',
    inputs: { 'column-mapping': '{"text_column": "text"}' },
    reason:
      /^column-mapping: "text_column" is no role here: the task image-classification needs image_column, target_column, such as/,
  },
]

const config: WrongForm[] = [
  {
    title: 'a config file that does not exist',
    inputs: { config: 'training.json' },
    reason:
      /^config: the workspace has no file training\.json\. Check the path, and put a step with actions\/checkout/,
  },
  {
    title: 'a config that is a folder',
    inputs: { config: '.github' },
    before: 'mkdir .github',
    reason: /^config: \.github cannot be read: set it to a file in the workspace\.$/,
  },
  {
    title: 'a second config file whose name ends with .yaml',
    before: file('.github/auto-retrain.yml', '{}') + file('.github/auto-retrain.yaml', 'max_cost: 0.01'),
    reason:
      /^The workspace has both \.github\/auto-retrain\.yml and \.github\/auto-retrain\.yaml: delete one/,
  },
  {
    title: 'a config file at the root of the workspace',
    before: file('auto-retrain.yml', 'max_cost: 0.01'),
    reason:
      /^The workspace has auto-retrain\.yml, which is not read: rename it to \.github\/auto-retrain\.json,/,
  },
  {
    title: 'a wrong limit in a config file whose name ends with .yaml',
    before: file('.github/auto-retrain.yaml', 'max_cost: much'),
    reason: /^\.github\/auto-retrain\.yaml: max_cost must be an amount in USD, such as 5 or 0\.50\.$/,
  },
  {
    title: 'a task under the name that AutoTrain gives it',
    inputs: { task: 'llm:orpo' },
    reason: /^task: "llm:orpo" is no task here: did you mean llm-orpo\?$/,
  },
  {
    title: 'a split called none',
    inputs: { 'valid-split': 'none' },
    reason: /^valid-split: "none" is not taken as a name: leave it out for none/,
  },
  {
    title: 'config files at both default places',
    before: file('.github/auto-retrain.json', '{}') + file('.github/auto-retrain.yml', '{}'),
    reason:
      /^The workspace has both \.github\/auto-retrain\.json and \.github\/auto-retrain\.yml: delete one/,
  },
  {
    title: 'a config file that is not JSON',
    before: file('.github/auto-retrain.json', '{"input_model": }'),
    reason:
      /^\.github\/auto-retrain\.json is not valid JSON at line 1, column 15: a value is missing after the colon\.$/,
  },
  {
    title: 'a config file that is not YAML',
    before: file('.github/auto-retrain.yml', 'a: [1\nb: 2'),
    reason: /^\.github\/auto-retrain\.yml is not valid YAML at line \d, column \d: [^\n]+$/,
  },
  {
    title: 'an unknown key',
    before: file('.github/auto-retrain.yml', 'input_datset: acme/digits'),
    reason:
      /^\.github\/auto-retrain\.yml: the key "input_datset" is unknown: did you mean "input_dataset"\?$/,
  },
  {
    title: 'a wrong value in the second recipe',
    inputs: identity,
    before: file(
      '.github/auto-retrain.yml',
      `recipes:
- {input_dataset: acme/a, input_model: m, target_namespace: acme}
- {input_dataset: acme/b, input_model: m, target_namespace: acme, max_cost: much}`,
    ),
    reason:
      /^\.github\/auto-retrain\.yml, recipe 2: max_cost must be an amount in USD, such as 5 or 0\.50\.$/,
  },
  {
    title: 'a list of recipes together with input-dataset',
    before: file(
      '.github/auto-retrain.yml',
      'recipes: [{input_dataset: acme/a, input_model: m, target_namespace: acme}]',
    ),
    reason: /^input-dataset cannot be combined with a list of recipes: set it in each recipe instead\.$/,
  },
  {
    title: 'two recipes whose projects would have the same name',
    inputs: identity,
    before: file(
      '.github/auto-retrain.yml',
      `recipes:
- {input_dataset: acme/a, input_model: m, target_namespace: acme}
- {input_dataset: acme/a, input_model: n, target_namespace: acme}`,
    ),
    reason: /^Two recipes for acme\/a would create projects of the same name in acme: give each its own/,
  },
]

const environment: WrongForm[] = [
  {
    title: 'a Hub URL that would send the token unencrypted',
    env: { HF_ENDPOINT: 'http://hub.example' },
    reason: /^HF_ENDPOINT must be an https:\/\/ URL/,
  },
  {
    title: 'an AutoTrain URL with a password',
    env: { AUTOTRAIN_API_URL: 'https://me:pass@autotrain.example' },
    reason: /^AUTOTRAIN_API_URL must be an https:\/\/ URL without user/,
  },
]

const wrongForms = [...settings, ...recipe, ...config, ...environment]

describe('Wrong inputs, config files and settings', () => {
  let stage: Stage
  let runs: Together<WrongForm, ActionRun>

  beforeAll(async () => {
    stage = await startStage()
    runs = together(wrongForms, ({ inputs, before, env }) => {
      const rest = { ...(before !== undefined && { before }), ...(env !== undefined && { env }) }
      return stage.case().manual(inputs ?? {}, rest)
    })
  })
  afterAll(() => stage.close())

  test.each(wrongForms)('Before any service is called, the run is refused: $title.', async (row) => {
    const run = await runs.of(row)
    expect(run.reason).toMatch(row.reason)
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1, errors: [run.reason], warnings: [] })
    expect(run.outputs).toMatchObject({ processed: 'false', revision: '', 'run-id': '' })
    expect(run.post).toMatchObject({ outcome: 'success', annotations: [] })
  })

  test('No service is called for any of the refused runs.', async () => {
    await Promise.all(wrongForms.map((row) => runs.of(row)))
    expect(stage.hub.requests).toEqual([])
    expect(stage.autotrain.requests).toEqual([])
    expect(stage.github.requests).toEqual([])
  })
})

describe('Triggers that carry no envelope', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage.close())

  test.concurrent('A person can start the workflow without webhook-secret.', async () => {
    const run = await stage.case().manual({ 'webhook-secret': undefined })
    expect(run).toMatchObject({ verdict: 'started', exitCode: 0 })
    expect(run.summary).toMatch(/a person/)
  })

  test.concurrent('The schedule can start the workflow without webhook-secret.', async () => {
    const clocked = stage.case()
    clocked.workflow({ 'webhook-secret': '' })
    const run = await clocked.schedule()
    expect(run).toMatchObject({ verdict: 'started', exitCode: 0 })
    expect(run.summary).toMatch(/the schedule/)
  })
})

describe('A config file', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage.close())

  const guides = (dataset: string, prefix: string) => ({
    target_namespace: names.org,
    input_dataset: dataset,
    input_model: 'microsoft/resnet-18',
    autotrain_project_prefix: prefix,
  })

  test.concurrent.each([
    ['.github/auto-retrain.json', undefined],
    ['.github/auto-retrain.yml', undefined],
    ['.github/auto-retrain.yaml', undefined],
    ['training/config.json', 'training/config.json'],
  ])("A config file in the guide's form is read unchanged at %s.", async (path, given) => {
    const subject = stage.case()
    const text = JSON.stringify(guides(subject.dataset, subject.name))
    const before = `mkdir -p training\n${file(path, text)}`
    const run = await subject.manual({ ...identity, config: given }, { before })
    expect(run).toMatchObject({ verdict: 'started', outputs: { dataset: subject.dataset } })
    expect(subject.projects()).toMatchObject([{ config: { 'hub-model': 'microsoft/resnet-18' } }])
  })

  test.concurrent('An input overrides the config file, and an empty input does not.', async () => {
    const subject = stage.case()
    const before = file('.github/auto-retrain.json', JSON.stringify(guides(subject.dataset, subject.name)))
    const inputs = { ...identity, 'input-model': 'microsoft/resnet-101', 'target-namespace': '' }
    const run = await subject.manual(inputs, { before })
    expect(run).toMatchObject({ verdict: 'started' })
    expect(subject.projects()).toMatchObject([
      { username: names.org, config: { 'hub-model': 'microsoft/resnet-101' } },
    ])
  })
})
