import { datasetInfo, listFiles } from '@huggingface/hub'
import type { Recipe } from '../../domain/recipe.ts'
import { isLanguageModel, tableKind } from '../../domain/tasks.ts'
import type { TrainingOrder } from '../../domain/training.ts'
import type { Hub } from '../../hub/hub.ts'
import { classFolders } from './class-folders.ts'

/** Where a Job's container has the dataset mounted. */
export const mountPath = '/data'

/** Where AutoTrain reads the data from. */
export type DataSource =
  /** From the mounted volume: exactly the ordered revision. */
  | { readonly isPinned: true; readonly path: string }
  /** From the Hub: the newest commit of main at the start. `why` continues a sentence after "because". */
  | { readonly isPinned: false; readonly path: string; readonly why: string }

/** Tasks with images: for these AutoTrain looks for a folder named like the split, for others for a table. */
const imageTask = /^(?:image|vlm)/

/** The tables that AutoTrain reads itself, in its order. */
const ownTables = ['csv', 'jsonl'] as const

/** The tables that the library `datasets` reads, from a folder as well as from the Hub. */
const table = /\.(?:csv|jsonl?|parquet)$/

/** Everything that the library `datasets` may read as a table or unpack. */
const anyTable = /\.(?:csv|tsv|jsonl?|parquet|arrow|zip)(?:\.\w+)?$/i

/**
 * File names that the library `datasets` assigns to another split than train.
 * https://huggingface.co/docs/datasets/repository_structure
 */
const otherSplits = ['validation', 'valid', 'val', 'dev', 'test', 'testing', 'eval', 'evaluation']

/** How many entries are searched for a table. A dataset without one among these holds images or sound. */
const maxEntries = 10_000

/** AutoTrain's name for every split that it reads from a folder itself. */
const folderSplit = 'train'

/**
 * Finds out whether AutoTrain can read a dataset from a folder. That is the only way to train on a chosen revision,
 * because AutoTrain always reads the newest commit from the Hub. AutoTrain itself reads folders of images by class and
 * tables named like the split, if they follow its rules. It leaves everything else to `load_dataset`, which reads a
 * folder of tables just as it reads the Hub.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/project.py
 * https://huggingface.co/docs/datasets/loading#local-and-remote-files
 *
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function findDataSource(
  hub: Hub,
  { recipe, revision }: TrainingOrder,
  signal: AbortSignal,
): Promise<DataSource> {
  const why = await whyNotFolder({ hub, recipe, revision, signal })
  if (why === null) return { isPinned: true, path: mountPath }
  return { isPinned: false, path: recipe.inputDataset, why }
}

interface Search {
  readonly hub: Hub
  readonly recipe: Recipe
  readonly revision: string
  readonly signal: AbortSignal
}

async function whyNotFolder(search: Search): Promise<string | null> {
  const { task, trainSplit } = search.recipe
  const top = new Set<string>()
  for await (const { path } of entries(search)) top.add(path)
  if (imageTask.test(task)) {
    if (!top.has(trainSplit)) return whyNotLoaded(search, top)
    return task === 'image-classification'
      ? whyNotClasses(search)
      : `for the task ${task} AutoTrain reads ${trainSplit}/ by rules that are not checked here`
  }
  const ending = ownTables.find((known) => top.has(`${trainSplit}.${known}`))
  return ending === undefined ? whyNotLoaded(search, top) : whyNotOwnTable(search, { top, ending })
}

/** Why AutoTrain cannot read the folders of images by class; null when it can. */
async function whyNotClasses({ hub, recipe, revision, signal }: Search): Promise<string | null> {
  const { inputDataset, trainSplit, validSplit } = recipe
  const read = (folder: string) => classFolders(hub, { dataset: inputDataset, revision, folder, signal })
  const train = await read(trainSplit)
  if (typeof train === 'string') return train
  if (trainSplit !== folderSplit) return otherSplitName(trainSplit)
  if (validSplit === null) return null
  const valid = await read(validSplit)
  if (typeof valid === 'string') return valid
  if (isSameSet(valid, train)) return null
  const composed = (names: ReadonlySet<string>) => new Set([...names].map((name) => name.normalize('NFC')))
  return isSameSet(composed(valid), composed(train))
    ? `${validSplit}/ and ${trainSplit}/ store the accents in their class names differently (NFC and NFD), which ` +
        'makes them different classes'
    : `${validSplit}/ and ${trainSplit}/ have different classes`
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((name) => b.has(name))
}

/** Why AutoTrain would read a table differently from a folder than from the Hub; null when it would not. */
async function whyNotOwnTable(
  search: Search,
  { top, ending }: { top: ReadonlySet<string>; ending: string },
): Promise<string | null> {
  const { task, trainSplit, validSplit } = search.recipe
  if (trainSplit !== folderSplit) return otherSplitName(trainSplit)
  if (validSplit !== null && !top.has(`${validSplit}.${ending}`)) {
    return `there is no ${validSplit}.${ending} next to ${trainSplit}.${ending}`
  }
  if (validSplit !== null && isLanguageModel(task)) {
    return `for the task ${task} AutoTrain ignores the validation split of tables in a folder`
  }
  const own = new Set([trainSplit, ...otherSplits, ...(validSplit === null ? [] : [validSplit])])
  let searched = 0
  for await (const { type, path } of entries(search, { recursive: true })) {
    const isOwn = path.endsWith(`.${ending}`) && own.has(path.slice(0, -ending.length - 1))
    if (type === 'file' && anyTable.test(path) && !isOwn) {
      return `there are other tables next to ${trainSplit}.${ending}, which may belong to the same split`
    }
    searched += 1
    if (searched === maxEntries)
      return `there are too many files next to ${trainSplit}.${ending} to search for other tables`
  }
  return (await cardHasDataSettings(search))
    ? 'AutoTrain ignores the data settings in the dataset card'
    : null
}

const otherSplitName = (split: string) =>
  `AutoTrain reads files from a folder only for the split train, not ${split}`

/** Why `load_dataset` would read the folder differently than the Hub, or AutoTrain would fail; null when neither. */
async function whyNotLoaded(search: Search, top: ReadonlySet<string>): Promise<string | null> {
  const { task, trainSplit } = search.recipe
  // AutoTrain's model card would name the folder as its dataset, which the Hub may reject.
  if (tableKind(task) !== null) {
    return `for the task ${task} AutoTrain reads only ${trainSplit}.csv or ${trainSplit}.jsonl from a folder`
  }
  const names = [...top]
  if (names.some((name) => name.endsWith('.py'))) return 'the dataset has a Python script, which may load it'
  if (top.has('state.json')) return 'the dataset was written by save_to_disk, which AutoTrain does not read'
  if (names.some((name) => table.test(name))) return null
  let searched = 0
  for await (const { type, path } of entries(search, { recursive: true })) {
    if (type === 'file' && table.test(path)) return null
    searched += 1
    if (searched === maxEntries) break
  }
  const folder = imageTask.test(task) ? `no folder ${trainSplit}/ and ` : ''
  return `the dataset has ${folder}no tables (.csv, .json, .jsonl, .parquet)`
}

function entries({ hub, recipe, revision, signal }: Search, { recursive = false } = {}) {
  return listFiles({
    repo: { type: 'dataset', name: recipe.inputDataset },
    revision,
    recursive,
    ...hub.access(signal),
  })
}

/**
 * Whether the dataset card has data settings (files, columns, classes), which `load_dataset` would follow.
 * https://huggingface.co/docs/hub/datasets-manual-configuration
 */
async function cardHasDataSettings({ hub, recipe, revision, signal }: Search): Promise<boolean> {
  const { cardData } = await datasetInfo({
    name: recipe.inputDataset,
    revision,
    additionalFields: ['cardData'],
    ...hub.access(signal),
  })
  return (
    typeof cardData === 'object' && cardData !== null && ('configs' in cardData || 'dataset_info' in cardData)
  )
}
