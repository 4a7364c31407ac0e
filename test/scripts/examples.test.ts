import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'

interface Step {
  uses?: string
  run?: string
  with?: Record<string, unknown>
}

interface Workflow {
  on: Record<string, unknown>
  permissions: unknown
  jobs: Record<string, { if?: string; permissions?: unknown; steps: Step[] }>
}

const read = (file: string): Workflow => parse(readFileSync(file, 'utf8'))
const examples = globSync('examples/*.yml').sort()
const stepsOf = (file: string) => Object.values(read(file).jobs).flatMap(({ steps }) => steps)
const ownSteps = (file: string) => stepsOf(file).filter(({ uses = '' }) => /\/auto-retrain@/.test(uses))

describe('The workflows of this repository', () => {
  const workflows = globSync('.github/workflows/*.{yml,yaml}').sort()

  test('None of them trains: there is no token to train with.', () => {
    expect(workflows.flatMap(ownSteps)).toEqual([])
    const local = workflows.flatMap(stepsOf).filter(({ uses }) => uses === './')
    expect(local.map(({ with: given }) => [given?.['hf-token'], given?.['dry-run']])).toEqual([
      ['hf_not-a-token-of-anyone', true],
    ])
  })

  test('None of them reads a secret: pull requests run them, and copies have none.', () => {
    expect(workflows.filter((file) => /\bsecrets\b\s*[.[]/.test(readFileSync(file, 'utf8')))).toEqual([])
  })

  test('A push and a pull request have their workflows read by zizmor and actionlint, and skip neither.', () => {
    const { on, jobs } = read('.github/workflows/ci.yml')
    const commands = Object.values(jobs).flatMap(({ steps }) => steps.map(({ run }) => run))
    expect(Object.keys(on)).toEqual(['push', 'pull_request'])
    expect(commands).toContain('npm run reality -- --only lint --strict')
  })

  test('Each job says what its token may do.', () => {
    const silent = workflows.flatMap((file) =>
      Object.entries(read(file).jobs).filter(([, { permissions }]) => permissions === undefined),
    )
    expect(silent).toEqual([])
  })

  test('What starts by itself does so only in the repository that is named for it, not in copies.', () => {
    const started = workflows.filter((file) =>
      Object.keys(read(file).on).some(
        (event) => !['push', 'pull_request', 'workflow_dispatch'].includes(event),
      ),
    )
    const jobs = started.flatMap((file) => Object.entries(read(file).jobs))
    const unguarded = jobs.filter(
      ([, { if: condition = '' }]) => !condition.includes('github.repository == '),
    )
    expect([started, unguarded]).toEqual([
      ['.github/workflows/reality.yml', '.github/workflows/release.yml'],
      [],
    ])
  })
})

describe('The examples', () => {
  test('All of them train the same recipe, so that two of them do not pay twice.', () => {
    const recipes = examples.flatMap(ownSteps).map(({ with: given = {} }) => ({
      dataset: given['input-dataset'],
      model: given['input-model'],
      namespace: given['target-namespace'],
      prefix: given['autotrain-project-prefix'],
    }))
    const digits = {
      dataset: 'acme/digits',
      model: 'microsoft/resnet-50',
      namespace: 'acme',
      prefix: 'digits',
    }
    expect(new Set(recipes.map((recipe) => JSON.stringify(recipe)))).toEqual(
      new Set([JSON.stringify(digits)]),
    )
  })

  test.each(examples)('%s can be started by hand.', (file) => {
    expect(Object.keys(read(file).on)).toContain('workflow_dispatch')
  })

  test.each(examples)('%s checks nothing out: it reads no file of the repository.', (file) => {
    expect(stepsOf(file).filter(({ uses = '' }) => uses.startsWith('actions/checkout'))).toEqual([])
  })

  test.each(examples)('%s says in each job what its token may do.', (file) => {
    const silent = Object.entries(read(file).jobs).filter(([, { permissions }]) => permissions === undefined)
    expect(silent).toEqual([])
  })

  test('Only one example listens to each type of event: the approval could be bypassed by another.', () => {
    const types = examples.flatMap((file) => {
      const dispatch = read(file).on.repository_dispatch as { types?: string[] } | undefined
      return dispatch === undefined ? [] : (dispatch.types ?? ['any'])
    })
    expect(types).toEqual([...new Set(types)])
    expect(types).not.toContain('any')
  })

  test('What is deployed was published, and the deployment has a token of its own, not that of the training.', () => {
    const { jobs } = read('examples/deploy-published.yml')
    const { retrain, ...deployments } = jobs
    expect(retrain?.steps[0]?.with).toMatchObject({ 'publish-to': 'acme/digits' })
    expect(Object.keys(deployments)).toEqual(['endpoint', 'space'])
    for (const job of Object.values(deployments)) {
      expect(job).toMatchObject({ if: "needs.retrain.outputs.published == 'true'", permissions: {} })
      expect(JSON.stringify(job)).toContain('secrets.HF_DEPLOY_TOKEN')
      expect(JSON.stringify(job)).not.toContain('secrets.HF_TOKEN')
    }
  })

  test('An example with inputs for a person offers the way back to an earlier model.', () => {
    const withInputs = examples.filter((file) => read(file).on.workflow_dispatch !== null)
    for (const file of withInputs) {
      expect(read(file).on.workflow_dispatch).toHaveProperty('inputs.publish-revision')
      expect(ownSteps(file)[0]?.with).toMatchObject({
        'publish-revision': expect.stringContaining('inputs.publish-revision'),
      })
    }
    expect(withInputs).toHaveLength(2)
  })

  test('The README of the folder links each of them, and nothing else.', () => {
    const linked = [...readFileSync('examples/README.md', 'utf8').matchAll(/\]\(([\w-]+\.yml)\)/g)]
    expect(linked.map(([, file]) => file).sort()).toEqual(examples.map((file) => basename(file)))
  })
})
