import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { digitFiles } from '../../demo/digits.ts'
import type { RunResult } from '../../sandbox/runner/step/results.ts'
import { names, startWorld, type World } from '../../sandbox/world.ts'
import { until } from '../stage/until.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const files = digitFiles({ from: 0, perDigit: 6 })

/** The example, whose promotion is told instead of done: it would need Python and the real Hub. */
const promotes = readFileSync(`${root}.github/workflows/retrain-and-promote.yml`, 'utf8').replace(
  /run: \|\n[\s\S]*$/,
  'run: echo "promoting $MODEL"\n',
)

let world: World
let approve: (answer: boolean) => void
const asked: unknown[] = []

beforeAll(async () => {
  world = await startWorld({
    files,
    runner: {
      workflows: {
        'retrain-and-promote.yml': promotes,
        'misspelt.yml': promotes.replace('eval_accuracy', 'eval_acuracy'),
      },
      approve: (request) => {
        asked.push(request)
        return new Promise((resolve) => {
          approve = resolve
        })
      },
    },
  })
})
afterAll(() => world.close())

const actionOutputs = (run: RunResult, job: string) =>
  run.jobs.find(({ id }) => id === job)?.steps.find(({ outputs }) => outputs.verdict)?.outputs

describe('The example with an approval', () => {
  test('plans, waits for a person, and trains what was approved, also when there is a newer commit.', async () => {
    const approved = world.hub.repository(names.dataset).refs.get('refs/heads/main')
    const { id } = await world.runner.manual('retrain-with-approval.yml')
    await until(() => asked.length === 1)
    expect(world.hub.jobs.all).toHaveLength(0)
    world.hub.commit(names.dataset, { files: digitFiles({ from: 6, perDigit: 1 }) })
    approve(true)
    const run = await world.runner.finished(id)
    expect(actionOutputs(run, 'plan')).toMatchObject({ verdict: 'planned', revision: approved })
    expect(actionOutputs(run, 'train')).toMatchObject({ verdict: 'succeeded', revision: approved })
    expect(world.hub.jobs.all).toMatchObject([{ spec: { volumes: [{ revision: approved }] } }])
  })

  test('asks nobody when there is nothing to train.', async () => {
    const before = asked.length
    await world.runner.manual('retrain.yml').then(({ id }) => world.runner.finished(id))
    const { id } = await world.runner.manual('retrain-with-approval.yml')
    const run = await world.runner.finished(id)
    expect(actionOutputs(run, 'plan')).toMatchObject({ verdict: 'skipped' })
    expect(asked).toHaveLength(before)
  })
})

describe('The example that promotes', () => {
  const promoted = (run: RunResult) => run.jobs.find(({ id }) => id === 'promote')?.conclusion
  const ended = async (run: Promise<RunResult>) => world.runner.finished((await run).id)
  const byClock = (workflow: string) => ended(world.runner.schedule(workflow))
  const byHand = () => ended(world.runner.manual('retrain-and-promote.yml', { first: true }))
  const warnings = (run: RunResult) =>
    run.jobs.flatMap(({ steps }) =>
      steps.flatMap(({ annotations }) => annotations.map(({ message }) => message)),
    )

  test('promotes the first model when a person says so, and after it only a better one.', async () => {
    const first = await byHand()
    expect(actionOutputs(first, 'retrain')).toMatchObject({ verdict: 'succeeded', improved: '' })
    expect(promoted(first)).toBe('success')

    world.hub.commit(names.dataset, { files: digitFiles({ from: 7, perDigit: 25 }) })
    const better = await byClock('retrain-and-promote.yml')
    expect(actionOutputs(better, 'retrain')).toMatchObject({ verdict: 'succeeded', improved: 'true' })
    expect(promoted(better)).toBe('success')

    // Labels that lie make a worse model.
    const wrong = Object.values(digitFiles({ from: 40, perDigit: 40 })).map(
      (png, index) => [`train/${index % 10}/wrong-${index}.png`, png] as const,
    )
    world.hub.commit(names.dataset, { files: Object.fromEntries(wrong) })
    const worse = await byHand()
    expect(actionOutputs(worse, 'retrain')).toMatchObject({ verdict: 'succeeded', improved: 'false' })
    expect(promoted(worse)).toBe('skipped')
    expect(warnings(worse)).toEqual([])
  })

  test('promotes nothing when the metric is misspelt, and warns.', async () => {
    world.hub.commit(names.dataset, { files: digitFiles({ from: 100, perDigit: 1 }) })
    const run = await byClock('misspelt.yml')
    expect(actionOutputs(run, 'retrain')).toMatchObject({ verdict: 'succeeded', improved: '', baseline: '' })
    expect(promoted(run)).toBe('skipped')
    expect(warnings(run)).toContainEqual(expect.stringMatching(/^Not promoted, .* compare-metric/))
  })
})

describe('Several recipes for one dataset', () => {
  test('are started in order and followed together, each line with its project.', async () => {
    const recipe = (prefix: string, command: string) => ({
      input_dataset: names.dataset,
      input_model: names.model,
      target_namespace: names.org,
      autotrain_project_prefix: prefix,
      trainer: 'job',
      image: 'python:3.12',
      command,
      discussion: 'off',
    })
    const recipes = [recipe('one', 'echo from one'), recipe('two', 'echo from two; exit 1')]
    const own = await startWorld({
      runner: {
        files: { '.github/auto-retrain.json': JSON.stringify({ recipes }) },
        ownWorkflows: false,
        workflows: { 'several.yml': several },
      },
    })
    const run = await own.runner.finished((await own.runner.manual('several.yml')).id)
    const outputs = actionOutputs(run, 'retrain')
    const results = JSON.parse(outputs?.results ?? '[]') as { verdict: string }[]
    expect(results.map(({ verdict }) => verdict)).toEqual(['succeeded', 'failed'])
    expect(run.conclusion).toBe('failure')
    const log = run.jobs.flatMap(({ steps }) => steps.flatMap((step) => step.log)).join('\n')
    expect(log).toMatch(/│ \[one-[0-9a-f]{7}\] from one/)
    expect(log).toMatch(/│ \[two-[0-9a-f]{7}\] from two/)
    await own.close()
  })
})

const several = `
on: workflow_dispatch
permissions:
  contents: write
jobs:
  retrain:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: ./
        with:
          hf-token: \${{ secrets.HF_TOKEN }}
`
