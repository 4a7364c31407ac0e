import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { codeBlocks } from '../../../scripts/markdown-blocks.ts'
import { digitFiles } from '../../demo/digits.ts'
import { startWorld, type World } from '../../sandbox/world.ts'

interface Step {
  uses: string
  with?: Record<string, unknown>
}

const blocksOf = (page: string) =>
  codeBlocks(readFileSync(fileURLToPath(new URL(`../../../${page}`, import.meta.url)), 'utf8'))
const workflow = blocksOf('README.md').find(({ text }) => text.startsWith('name: Retrain'))?.text ?? ''
const recipes = blocksOf('docs/trainers.md')
  .filter(({ language, text }) => language === 'yaml' && text.startsWith('input-dataset:'))
  .map(({ text }) => parse(text) as Record<string, unknown>)
/** The script of docs/own-script.md. */
const script = blocksOf('docs/own-script.md').find(({ language }) => language === 'python')?.text ?? ''

/** The README's workflow with the lines of a recipe in place of its own, and a checkout where a script needs one. */
function workflowWith(recipe: Record<string, unknown>): string {
  const value = parse(workflow) as { jobs: { retrain: { steps: Step[] } } }
  const [own] = value.jobs.retrain.steps
  if (own === undefined) throw new Error('The README has no step.')
  own.with = { ...own.with, ...recipe }
  if (recipe.script !== undefined) value.jobs.retrain.steps.unshift({ uses: 'actions/checkout@v5' })
  return stringify(value)
}

const rows = (head: string, row: (n: number) => string) =>
  [head, ...Array.from({ length: 20 }, (_, n) => row(n)), ''].join('\n')
/** What the page says about each dataset. */
const datasets: Record<string, Record<string, string | Uint8Array>> = {
  'acme/reviews': {
    'train.csv': rows('review,sentiment', (n) => `text ${n},${n % 2 === 0 ? 'good' : 'bad'}`),
  },
  'acme/churn': { 'train.csv': rows('customer_id,age,churned', (n) => `${n},${20 + n},${n % 2}`) },
  'acme/flowers': { 'train.csv': rows('width,label', (n) => `${n},${n % 2}`) },
}

describe('The recipes of docs/trainers.md in the workflow of the README', () => {
  let world: World

  beforeAll(async () => {
    world = await startWorld({
      files: digitFiles({ from: 0, perDigit: 6 }),
      runner: {
        ownWorkflows: false,
        files: { 'training/train.py': script },
        workflows: Object.fromEntries(recipes.map((recipe, n) => [`${n}.yml`, workflowWith(recipe)])),
      },
    })
    for (const [name, files] of Object.entries(datasets)) world.hub.createDataset({ name, files })
    const text = { model_type: 'distilbert', architectures: ['DistilBertForMaskedLM'] }
    world.hub.createBaseModel('distilbert/distilbert-base-uncased', text)
  })
  afterAll(() => world.close())

  test('There is one for texts, tables, a script and any image.', () => {
    expect(recipes.map(({ trainer = 'autotrain', task }) => [trainer, task])).toEqual([
      ['autotrain', 'text-classification'],
      ['autotrain', 'tabular-classification'],
      ['script', 'tabular-classification'],
      ['job', undefined],
    ])
  })

  test.each(recipes.map((recipe, n) => [recipe['input-dataset'], n] as const))(
    'A dry run of the recipe for %s is planned, with nothing refused.',
    async (_, n) => {
      const run = await world.runner.finished((await world.runner.manual(`${n}.yml`)).id)
      const step = run.jobs.flatMap(({ steps }) => steps).find(({ outputs }) => outputs.verdict)
      expect([step?.outputs.verdict, step?.outputs.reason]).toEqual(['planned', expect.anything()])
    },
  )
})
