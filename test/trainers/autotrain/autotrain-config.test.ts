import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { parse } from 'yaml'
import type { Recipe } from '../../../src/domain/recipe.ts'
import { columnRoles, type Task, taskNames } from '../../../src/domain/tasks.ts'
import { autotrainConfig } from '../../../src/trainers/autotrain/autotrain-config.ts'
import { missingFiles } from '../../../src/trainers/autotrain/final-files.ts'
import { readConfig } from '../../sandbox/autotrain/config.ts'
import { recipe } from '../order.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autotrain-config-'))
  // The stand-in's log of what it reads.
  jest.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(() => {
  jest.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

const configOf = (change: Partial<Recipe> = {}) =>
  autotrainConfig({ recipe: recipe(change), project: 'digits-1', dataPath: '/data' })

/** Reads a config as AutoTrain does. */
async function readBack(change: Partial<Recipe>) {
  const file = join(folder, 'autotrain.yml')
  writeFileSync(file, configOf(change))
  return readConfig(file, { HF_TOKEN: 'hf_ann' })
}

/** What AutoTrain calls a task of ours. */
const canonical: Record<Task, string> = {
  'image-classification': 'image_multi_class_classification',
  'image-regression': 'image_single_column_regression',
  'image-object-detection': 'image_object_detection',
  'text-classification': 'text_multi_class_classification',
  'text-regression': 'text_single_column_regression',
  'token-classification': 'text_token_classification',
  'extractive-question-answering': 'text_extractive_question_answering',
  seq2seq: 'seq2seq',
  'tabular-classification': 'tabular',
  'tabular-regression': 'tabular',
  'llm-sft': 'lm_training',
  'llm-generic': 'lm_training',
  'llm-reward': 'lm_training',
  'llm-dpo': 'lm_training',
  'llm-orpo': 'lm_training',
  'sentence-transformers:pair': 'sentence_transformers',
  'sentence-transformers:qa': 'sentence_transformers',
  'sentence-transformers:pair_class': 'sentence_transformers',
  'sentence-transformers:pair_score': 'sentence_transformers',
  'sentence-transformers:triplet': 'sentence_transformers',
  'vlm:captioning': 'vlm',
  'vlm:vqa': 'vlm',
}

test.each(taskNames)('AutoTrain accepts the config of %s', async (task) => {
  const roles = columnRoles(task).filter(({ isRequired }) => isRequired)
  const columnMapping = Object.fromEntries(roles.map(({ name }) => [name, `my_${name}`]))
  const read = await readBack({ task, columnMapping, params: { epochs: 2 } })
  expect(read).toMatchObject({
    task: canonical[task],
    backend: 'local',
    params: {
      model: 'microsoft/resnet-50',
      project_name: 'digits-1',
      data_path: '/data',
      train_split: 'train',
      valid_split: null,
      username: 'ann',
      token: 'hf_ann',
      push_to_hub: true,
      epochs: 2,
    },
  })
  for (const { name } of roles) expect([read.params[name]].flat()).toEqual([`my_${name}`])
})

test('The kind of a table is a parameter, and its targets are a list, whose names may have commas', async () => {
  const columnMapping = { target_columns: 'response, coronary heart disease' }
  const { params } = await readBack({ task: 'tabular-regression', columnMapping })
  expect(params).toMatchObject({
    task: 'regression',
    target_columns: ['response, coronary heart disease'],
    // AutoTrain refuses null here, and reads an empty name as none.
    id_column: '',
  })
})

test('A table may have several targets, an id and lists of columns', async () => {
  const columnMapping = {
    id_column: 'id',
    target_columns: ['a', 'b'],
    categorical_columns: ['c'],
    numerical_columns: ['d', 'e'],
  }
  const { params } = await readBack({ task: 'tabular-classification', columnMapping })
  expect(params).toMatchObject(columnMapping)
})

test('Captioning without a prompt names none, because AutoTrain would take the column prompt', async () => {
  const columnMapping = { image_column: 'image', text_column: 'text' }
  const { params } = await readBack({ task: 'vlm:captioning', columnMapping })
  expect(params).toMatchObject({ prompt_text_column: null })
})

test('A word for none among the parameters is null for AutoTrain, for which the text is another value', async () => {
  const change = { task: 'llm-sft', columnMapping: { text_column: 'text' } } as const
  const { params } = await readBack({ ...change, params: { peft: true, quantization: 'none' } })
  expect(params).toMatchObject({ peft: true, quantization: null })
})

test('Names that YAML 1.1 would read as another type stay strings', async () => {
  const { params } = await readBack({
    trainSplit: 'no',
    validSplit: '1_000',
    columnMapping: { image_column: 'y', target_column: '0o7' },
  })
  expect(params).toMatchObject({
    train_split: 'no',
    valid_split: '1_000',
    image_column: 'y',
    target_column: '0o7',
  })
})

test('A config has no token, and a string that looks like YAML stays a string', () => {
  const config = configOf({ params: { note: 'a\nhub: {token: stolen}' } })
  expect(parse(config)).toMatchObject({
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is AutoTrain's notation
    hub: { token: '${HF_TOKEN}' },
    params: { note: 'a\nhub: {token: stolen}' },
  })
})

test.each<[string, Task, string[], string[]]>([
  [
    'with all its files is complete',
    'image-classification',
    ['README.md', 'config.json', 'model.safetensors'],
    [],
  ],
  [
    'in several files is complete',
    'llm-sft',
    ['README.md', 'config.json', 'model.safetensors.index.json'],
    [],
  ],
  [
    'with only an adapter is complete',
    'llm-sft',
    ['README.md', 'adapter_config.json', 'adapter_model.safetensors'],
    [],
  ],
  ['of a table is complete', 'tabular-regression', ['README.md', 'model.joblib'], []],
  [
    'without weights is not complete',
    'image-classification',
    ['README.md', 'config.json'],
    ['model.safetensors'],
  ],
  [
    'without files is not complete',
    'image-classification',
    [],
    ['README.md', 'config.json', 'model.safetensors'],
  ],
])('A model %s', (_title, task, files, missing) => {
  expect(missingFiles(task, new Set(files))).toEqual(missing)
})
