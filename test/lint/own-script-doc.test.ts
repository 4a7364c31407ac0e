import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { readAction } from '../../scripts/action-tables.ts'
import { codeBlocks } from '../../scripts/markdown-blocks.ts'
import type { RecipeSettings } from '../../src/domain/recipe.ts'
import { kebabCase } from '../../src/recipe/keys.ts'
import { recipeInputNames, resolveRecipes } from '../../src/recipe/resolve.ts'
import { trainersOfKey } from '../../src/recipe/trainer-keys.ts'
import { isWeightFile } from '../../src/trainers/output/model-weights.ts'
import { uvImage } from '../../src/trainers/script/command.ts'
import { fillArguments } from '../../src/trainers/script/placeholders.ts'
import { reviewScript } from '../../src/trainers/script/script-checks.ts'
import { scriptConfig } from '../../src/trainers/script/script-run.ts'

interface Workflow {
  jobs: { retrain: { steps: { uses?: string; with?: Record<string, string> }[] } }
}

const read = (file: string) => readFileSync(file, 'utf8')
const page = read('docs/own-script.md')
const blocks = codeBlocks(page)
const inputs = Object.keys(readAction(read('action.yml')).inputs)
const textOf = (language: string, part: string) =>
  blocks.find((block) => block.language === language && block.text.includes(part))?.text ?? ''

const workflow: Workflow = parse(textOf('yaml', 'jobs:'))
const ownStep = ({ jobs }: Workflow) =>
  jobs.retrain.steps.find(({ uses }) => uses?.includes('/auto-retrain@'))
const given = ownStep(workflow)?.with ?? {}
const recipeOf = (keys: Record<string, string>) => {
  const own = Object.entries(keys).filter(([name]) => recipeInputNames.includes(name))
  const [recipe] = resolveRecipes({ file: null, inputs: Object.fromEntries(own) })
  if (recipe === undefined) throw new Error('There is no recipe.')
  return recipe
}

/** A recipe that leaves everything about its Job to the header. */
const jobOf = {
  recipe: {
    ...{ image: null, flavor: null, timeoutMs: null, python: null },
    ...{ env: {}, secrets: [], givesToken: true },
  },
  defaults: { image: uvImage, flavor: 'cpu-basic', timeoutMs: 1_800_000 },
}

/** The parts of a recipe that the page shows: those of a step, or keys alone. */
const snippets: Record<string, string>[] = blocks
  .filter(({ language, text }) => language === 'yaml' && !/^(?:jobs|datasets):/m.test(text))
  .map(({ text }) => parse(text.replace('COMMIT_SHA_OF_V1_16_0', '0'.repeat(40))))
  .map((value) => (Array.isArray(value) ? value[0].with : value))

describe('The whole example of docs/own-script.md', () => {
  test('It is examples/retrain.yml with a checkout and another recipe.', () => {
    const { jobs: _, ...main }: Workflow = parse(read('examples/retrain.yml'))
    const { jobs, ...shown } = workflow
    expect(shown).toEqual(main)
    expect(jobs.retrain.steps.map(({ uses }) => uses)).toEqual([
      'actions/checkout@FULL_COMMIT_SHA',
      'OWNER/auto-retrain@FULL_COMMIT_SHA',
    ])
    const names = Object.keys(ownStep(parse(read('examples/retrain.yml')))?.with ?? {})
    expect(names.filter((name) => !(name in given))).toEqual([])
  })

  test('Its recipe is valid and names the script that the page shows.', () => {
    expect(Object.keys(given).filter((name) => !inputs.includes(name))).toEqual([])
    expect(recipeOf(given)).toMatchObject({ trainer: 'script', script: 'training/train.py' })
    expect(page).toContain('`training/train.py` reads a `train.csv`')
  })

  test('Nothing in the header of its script is refused or worth a look.', () => {
    const { checks, settings } = reviewScript({
      script: 'training/train.py',
      text: textOf('python', '# /// script'),
      lock: null,
      hasProject: false,
      packages: [],
      ...jobOf,
    })
    expect(settings).not.toBeNull()
    expect(checks.map(({ id, verdict }) => [id, verdict])).toEqual(checks.map(({ id }) => [id, 'passed']))
  })
})

test('The example of AUTO_RETRAIN_CONFIG is what the whole example gives its script.', () => {
  const shown = JSON.parse(textOf('json', 'base_model'))
  const { revision, model } = shown
  const order = { recipe: recipeOf(given), revision, project: model.split('/')[1] }
  const labels = { nonce: 'n', key: 'k', ledger: 'l' }
  expect(JSON.parse(scriptConfig({ ...order, ...labels }))).toEqual(shown)
})

test('docs/checks.md has every check of a script, under its title.', () => {
  const { checks } = reviewScript({
    ...{ script: 'train.py', lock: null, hasProject: false, packages: [] },
    text: '# /// script\n# dependencies = []\n# [tool.uv]\n# required-version = ">=0.9"\n# ///\n',
    ...jobOf,
  })
  expect(checks.map(({ id }) => id)).toContain('script-uv')
  const rows = read('docs/checks.md')
  expect(checks.map(({ title }) => title).filter((title) => !rows.includes(`| ${title}`))).toEqual([])
})

describe('The recipes of docs/own-script.md', () => {
  test('Every key exists, and each recipe is valid together with the whole example.', () => {
    expect(snippets.length).toBeGreaterThan(4)
    for (const keys of snippets) {
      expect(Object.keys(keys).filter((name) => !inputs.includes(name))).toEqual([])
      expect(recipeOf({ ...given, ...keys })).toMatchObject({ trainer: 'script' })
    }
  })

  test('Every key of the trainer script is explained.', () => {
    const keys = (Object.keys(trainersOfKey) as (keyof RecipeSettings)[]).map(kebabCase)
    expect(keys.filter((name) => !new RegExp(`\`${name}\\b|^ *${name}:`, 'm').test(page))).toEqual([])
  })

  test("trl's --config and its path are arguments of their own, as its parser requires.", () => {
    const trl = snippets.find(({ script = '' }) => script.includes('/trl/')) ?? {}
    const args = (trl['script-args'] ?? '').trim().split('\n')
    expect(args.slice(0, 2)).toEqual(['--config', '/code/sft.yaml'])
    expect(args.filter((arg) => arg.startsWith('--config='))).toEqual([])
    const values = { dataset: 'acme/chat', revision: 'a', data: '/data', task: 'llm-sft' }
    const models = { model: 'acme/chat-1', 'base-model': 'b', 'published-model': '' }
    expect(fillArguments(args, { ...values, ...models })).toContain('--hub_model_id=acme/chat-1')
  })
})

test('The files that docs/own-script.md calls weights are those that prove a model.', () => {
  const [, list = ''] = /- has a file of weights: ([\s\S]*?)\. What/.exec(page) ?? []
  const endings = [...list.matchAll(/`(\.\w+)`/g)].map(([, ending]) => ending)
  expect(endings.length).toBeGreaterThan(10)
  expect(endings.filter((ending) => !isWeightFile(`model${ending}`))).toEqual([])
  const others = ['optimizer.pt', 'training_args.bin', 'checkpoint-5/a.bin', 'runs/a.bin', 'training/a.bin']
  expect(others.filter(isWeightFile)).toEqual([])
})
