// Writes the table of docs/training-data.md from the code that decides.
// Usage: node --import ./test/node-setup.js scripts/data-table.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Recipe } from '../src/domain/recipe.ts'
import { isLanguageModel } from '../src/domain/tasks.ts'
import { resolveRecipes } from '../src/recipe/resolve.ts'
import { contentChecks } from '../src/trainers/autotrain/content/checks/content-checks.ts'
import type { Column, ColumnType } from '../src/trainers/autotrain/content/files/table.ts'
import { layoutOf } from '../src/trainers/autotrain/dataset-layout.ts'
import { type Repository, readCard } from '../src/trainers/autotrain/layout/repository.ts'

const file = 'docs/training-data.md'

/** A layout of a dataset, with the recipe that trains on it. */
interface Example {
  readonly layout: string
  readonly files: readonly string[]
  readonly recipe: Partial<Recipe>
  readonly card?: unknown
  /** What the first file holds; without it, only names are known. */
  readonly columns?: Readonly<Record<string, ColumnType>>
  readonly unknownTypes?: readonly string[]
}

const classFolders = (root: string, ending = 'jpg', classes = ['cat', 'dog']) =>
  classes.flatMap((name) => [1, 2, 3, 4, 5].map((n) => `${root}${name}/${n}.${ending}`))

const images = {
  task: 'image-classification',
  columnMapping: { image_column: 'image', target_column: 'label' },
} as const
const texts = {
  task: 'text-classification',
  columnMapping: { text_column: 'text', target_column: 'label' },
} as const
const numbers = { ...texts, task: 'text-regression' } as const
const tokens = {
  task: 'token-classification',
  columnMapping: { tokens_column: 'tokens', tags_column: 'tags' },
} as const
const chat = { task: 'llm-sft', columnMapping: { text_column: 'text' } } as const
const table = {
  task: 'tabular-classification',
  columnMapping: { id_column: 'id', target_columns: 'target' },
} as const
const objects = {
  task: 'image-object-detection',
  columnMapping: { image_column: 'image', objects_column: 'objects' },
} as const

const parquet = ['data/train-00000-of-00001.parquet']
const text: ColumnType = { is: 'text' }
const label: ColumnType = { is: 'class', names: ['a', 'b'] }
const valid = { validSplit: 'validation' }
const twoConfigs = {
  configs: [
    { config_name: 'en', data_files: 'en.parquet' },
    { config_name: 'de', data_files: 'de.parquet' },
  ],
}

const examples: readonly Example[] = [
  {
    layout: '`train/<class>/*.jpg`, five images of each class',
    files: classFolders('train/'),
    recipe: images,
  },
  {
    layout: 'the same with `validation/<class>/`, `valid-split: validation`',
    files: [...classFolders('train/'), ...classFolders('validation/')],
    recipe: { ...images, ...valid },
  },
  { layout: '`<class>/*.jpg` at the top', files: classFolders(''), recipe: images },
  { layout: '`train/<class>/*.webp`', files: classFolders('train/', 'webp'), recipe: images },
  {
    layout: '`train/<class>/*.jpg` of one class',
    files: classFolders('train/', 'jpg', ['cat']),
    recipe: images,
  },
  {
    layout: 'images and `metadata.csv`',
    files: ['train/metadata.csv', 'train/1.jpg', 'train/2.jpg'],
    recipe: images,
  },
  {
    layout: 'Parquet with an Image and a ClassLabel',
    files: parquet,
    recipe: images,
    columns: { image: { is: 'image' }, label },
  },
  {
    layout: 'Parquet with an Image and labels as text',
    files: parquet,
    recipe: images,
    columns: { image: { is: 'image' }, label: text },
  },
  { layout: 'archives (`.zip`, `.tar`)', files: ['data/train.zip'], recipe: images },
  {
    layout: '`train/*.jpg` and `train/metadata.jsonl`',
    files: ['train/metadata.jsonl', ...[1, 2, 3, 4, 5].map((n) => `train/${n}.jpg`)],
    recipe: objects,
  },
  { layout: '`train.csv` or `train.jsonl` at the top', files: ['train.csv'], recipe: texts },
  {
    layout: 'the same with `validation.csv`, `valid-split: validation`',
    files: ['train.csv', 'validation.csv'],
    recipe: { ...texts, ...valid },
  },
  {
    layout: 'the same, and the card names `train.csv` in `configs`',
    files: ['train.csv'],
    recipe: texts,
    card: { configs: [{ config_name: 'default', data_files: 'train.csv' }] },
  },
  { layout: 'a table of another name or in a folder', files: ['reviews.csv'], recipe: texts },
  { layout: 'Parquet with a ClassLabel', files: parquet, recipe: texts, columns: { text, label } },
  { layout: 'Parquet with labels as text', files: parquet, recipe: texts, columns: { text, label: text } },
  {
    layout: 'several configurations in the card, none of them the default',
    files: ['en.parquet', 'de.parquet'],
    recipe: texts,
    card: twoConfigs,
  },
  {
    layout: 'the same, `train-split: en:train`',
    files: ['en.parquet', 'de.parquet'],
    recipe: { ...texts, trainSplit: 'en:train' },
    card: twoConfigs,
  },
  {
    layout: 'what `save_to_disk` writes',
    files: ['state.json', 'dataset_info.json', 'data-00000-of-00001.arrow'],
    recipe: texts,
  },
  { layout: 'a script of the name of the dataset', files: ['data.py', ...parquet], recipe: texts },
  { layout: 'a table of any name, csv, json or Parquet', files: ['data/scores.csv'], recipe: numbers },
  { layout: '`train.jsonl` with lists', files: ['train.jsonl'], recipe: tokens },
  {
    layout: 'Parquet that `datasets` 4 wrote, without `dataset_info` in the card',
    files: parquet,
    recipe: tokens,
    columns: { tokens: { is: 'list', of: text }, tags: { is: 'list', of: label } },
    unknownTypes: ['List'],
  },
  { layout: '`train.csv` or `train.jsonl` at the top', files: ['train.csv'], recipe: chat },
  {
    layout: 'the same with `validation.csv`, `valid-split: validation`',
    files: ['train.csv', 'validation.csv'],
    recipe: { ...chat, ...valid },
  },
  { layout: '`train.csv` or `train.jsonl` at the top', files: ['train.csv'], recipe: table },
  { layout: 'Parquet', files: parquet, recipe: table },
  {
    layout: 'the same with validation, `valid-split: validation`',
    files: [...parquet, 'data/validation-00000-of-00001.parquet'],
    recipe: { ...table, ...valid },
  },
]

/** @returns the document with the table that today's code has */
export function withDataTable(document: string): string {
  const [begin, end] = ['<!-- layouts: begin -->', '<!-- layouts: end -->']
  const [before, rest = ''] = document.split(begin)
  const after = rest.split(end)[1]
  if (after === undefined) throw new Error(`${file} has no place for the table.`)
  const head = ['task', 'layout', 'pinned to the commit?', 'validation', 'what to do otherwise']
  const lines = [head, head.map(() => '---'), ...examples.map(rowOf)].map(
    (cells) => `| ${cells.join(' | ')} |`,
  )
  return `${before}${begin}\n\n${lines.join('\n')}\n\n${end}${after}`
}

function rowOf(example: Example): string[] {
  const [base] = resolveRecipes({
    file: null,
    inputs: { 'input-dataset': 'acme/data', 'input-model': 'acme/base', 'target-namespace': 'acme' },
  })
  if (base === undefined) throw new Error('The inputs make no recipe.')
  const recipe = { ...base, ...example.recipe }
  const repository: Repository = {
    dataset: recipe.inputDataset,
    paths: example.files.toSorted(),
    bytes: new Map(),
    isPublic: true,
    card: readCard(example.card ?? {}),
  }
  const layout = layoutOf({ repository, recipe })
  const checks = contentChecks({ recipe, repository, layout, files: filesOf(example) })
  const refusal = checks.find(({ verdict }) => verdict === 'refused')?.advice ?? null
  const cells = [`\`${recipe.task}\``, example.layout]
  if (layout.kind === 'failing' || refusal !== null) return [...cells, 'refused', '', whatToDo(refusal ?? '')]
  const { whyNotMounted, validation } = layout
  const words = { split: 'your split', fifth: 'a fifth is set aside', none: 'nothing is measured' }
  // AutoTrain 0.8.36 fails with a validation split of a language model.
  const isMeasurable = validation === 'none' && !isLanguageModel(recipe.task)
  const advice = isMeasurable ? 'set `valid-split` to measure' : ''
  const otherwise =
    whyNotMounted === null ? advice : `the newest commit of main is read, because ${whyNotMounted}`
  return [...cells, whyNotMounted === null ? 'yes' : 'no', words[validation], otherwise]
}

/** The sentence of a refusal without the key that it begins with, as Markdown for a cell. */
function whatToDo(sentence: string): string {
  return sentence
    .replace(/^[\w-]+: /, '')
    .replaceAll('|', '\\|')
    .replaceAll('<', '\\<')
}

function filesOf({ files, columns, unknownTypes = [] }: Example) {
  const [path = ''] = files
  if (columns === undefined) return []
  const named = Object.entries(columns).map(
    ([name, type]): Column => ({ name, type, isMixed: false, empty: 0, counts: null, range: null }),
  )
  const read = { columns: named, rows: 10, isWhole: false, doubled: [], unknownTypes }
  return [{ path, part: 'train', reading: { state: 'read', table: read } }] as const
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const before = readFileSync(file, 'utf8')
  const after = withDataTable(before)
  if (after !== before) writeFileSync(file, after)
  console.log(
    `${file}: the table is ${after === before ? 'that' : 'written from that'} of src/trainers/autotrain.`,
  )
}
