import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Recipe } from '../../src/domain/recipe.ts'
import { columnRoles, isClassTask, type Task, tableKind } from '../../src/domain/tasks.ts'
import { digitFiles } from '../demo/digits.ts'
import { TryError } from './try-error.ts'

/** The files of a dataset, by path. */
export type DataFiles = Record<string, string | Uint8Array>

const rows = 40

/** Tasks whose pictures come with labels that no simple file of this program holds. */
const withoutMadeUp: readonly Task[] = [
  'image-regression',
  'image-object-detection',
  'vlm:captioning',
  'vlm:vqa',
]

/**
 * Makes up a dataset that the recipe can train on: handwritten digits for images, a table of 40 rows for the rest.
 *
 * @throws TryError for a task whose data it cannot make up
 */
export function madeUpData(recipe: Recipe): DataFiles {
  const { task, trainer, trainSplit, validSplit } = recipe
  if (task === 'image-classification') return renamed(digitFiles({ from: 0, perDigit: 10 }), recipe)
  if (withoutMadeUp.includes(task)) {
    if (trainer !== 'autotrain') return digitFiles({ from: 0, perDigit: 10 })
    throw new TryError(
      `Data for the task ${task} cannot be made up. Give a folder of your own: --data FOLDER.`,
    )
  }
  const splits = validSplit === null ? [trainSplit] : [trainSplit, validSplit]
  return Object.fromEntries(splits.map((split) => tableOf(split, recipe)))
}

function renamed(files: DataFiles, { trainSplit, validSplit }: Recipe): DataFiles {
  const splits = validSplit === null ? [trainSplit] : [trainSplit, validSplit]
  return Object.fromEntries(
    splits.flatMap((split) =>
      Object.entries(files).map(([path, content]) => [path.replace(/^train\//, `${split}/`), content]),
    ),
  )
}

function tableOf(split: string, recipe: Recipe): [string, string] {
  const columns = columnRoles(recipe.task).flatMap(({ name: role, isRequired }) => {
    const mapped = recipe.columnMapping[role] ?? (isRequired ? role : [])
    return [mapped].flat().map((column) => ({ column, role }))
  })
  const table =
    tableKind(recipe.task) === null
      ? columns
      : [...columns, { column: 'x', role: '' }, { column: 'y', role: '' }]
  const lines = Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(table.map(({ column, role }) => [column, madeUpValue(role, row, recipe.task)])),
  )
  const isFlat = lines.every((line) => Object.values(line).every((value) => typeof value !== 'object'))
  if (!isFlat) return [`${split}.jsonl`, lines.map((line) => `${JSON.stringify(line)}\n`).join('')]
  const header = table.map(({ column }) => column)
  const csv = [header, ...lines.map((line) => header.map((column) => line[column]))]
  return [`${split}.csv`, csv.map((cells) => `${cells.map(cell).join(',')}\n`).join('')]
}

const cell = (value: unknown) =>
  /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value)

function madeUpValue(role: string, row: number, task: Task): unknown {
  if (role === 'tokens_column') return ['one', 'two', `word${row}`]
  if (role === 'tags_column') return ['O', 'B', row % 2 === 0 ? 'O' : 'B']
  if (role === 'answer_column') return { text: ['text'], answer_start: [0] }
  if (role === 'id_column') return row
  if (role === '' || role === 'numerical_columns') return (row % 7) + (row % 2) * 10
  if (role === 'target_column' || role === 'target_columns') {
    // AutoTrain trains on a table only if its classes are numbers.
    if (tableKind(task) === 'classification') return row % 2
    if (isClassTask(task)) return row % 2 === 0 ? 'a' : 'b'
    return task === 'seq2seq' ? `answer ${row}` : row / rows
  }
  return `text ${row} of ${role}`
}

/**
 * The files of a folder, as a dataset would have them.
 *
 * @param folder absolute
 * @throws TryError for a folder that is not there or is empty
 */
export function dataOfFolder(folder: string): DataFiles {
  const files: DataFiles = {}
  const add = (under: string) => {
    for (const entry of readdirSync(join(folder, under), { withFileTypes: true })) {
      const path = under === '' ? entry.name : `${under}/${entry.name}`
      if (entry.isDirectory() && entry.name !== '.git') add(path)
      else if (entry.isFile()) files[path] = readFileSync(join(folder, path))
    }
  }
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new TryError(`--data: there is no folder ${folder}.`)
  }
  add('')
  if (Object.keys(files).length === 0) throw new TryError(`--data: the folder ${folder} has no files.`)
  return files
}

const modelTypes: readonly [RegExp, string, string][] = [
  [/^image-object/, 'detr', 'DetrForObjectDetection'],
  [/^image-/, 'resnet', 'ResNetForImageClassification'],
  [/^vlm:/, 'paligemma', 'PaliGemmaForConditionalGeneration'],
  [/^seq2seq$/, 't5', 'T5ForConditionalGeneration'],
  [/^llm-/, 'llama', 'LlamaForCausalLM'],
]

/** The `config.json` of a base model that fits the task. */
export function madeUpModel({ task }: Recipe): Record<string, unknown> {
  const [, type = 'bert', architecture = 'BertForMaskedLM'] =
    modelTypes.find(([pattern]) => pattern.test(task)) ?? []
  return { model_type: type, architectures: [architecture] }
}
