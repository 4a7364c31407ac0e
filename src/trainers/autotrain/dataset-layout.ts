import { datasetInfo, listFiles } from '@huggingface/hub'
import type { Recipe } from '../../domain/recipe.ts'
import { isLanguageModel, tableKind } from '../../domain/tasks.ts'
import type { TrainingOrder } from '../../domain/training.ts'
import type { Hub } from '../../hub/hub.ts'
import { classFolders } from './class-folders.ts'

/** Where the dataset's volume is in the container of a Job. */
export const mountPath = '/data'

/** Where AutoTrain reads the data from. */
export type DataSource =
  /** From the volume: the very revision that was asked for. */
  | { readonly isPinned: true; readonly path: string }
  /** From the Hub: whatever the main branch holds when it starts. `why` ends a sentence. */
  | { readonly isPinned: false; readonly path: string; readonly why: string }

/** A task with pictures: for these AutoTrain looks for a folder named like the split, for others for a table. */
const withPictures = /^(?:image|vlm)/

/** The tables that AutoTrain itself reads, in its order. */
const ownTables = ['csv', 'jsonl'] as const

/** The tables that the library `datasets` reads, from a folder as from the Hub. */
const table = /\.(?:csv|jsonl?|parquet)$/

/** Everything that the library `datasets` may read as a table or unpack, whatever it was packed with. */
const anyTable = /\.(?:csv|tsv|jsonl?|parquet|arrow|zip)(?:\.\w+)?$/i

/**
 * The names of a file which belongs to another split than train.
 * https://huggingface.co/docs/datasets/repository_structure
 */
const otherSplits = ['validation', 'valid', 'val', 'dev', 'test', 'testing', 'eval', 'evaluation']

/** Entries of a dataset among which a table is looked for: who has none before that has pictures or sound. */
const maxLooked = 10_000

/** What AutoTrain calls what it has packed, whatever the split is called. */
const packedSplit = 'train'

/**
 * Finds out whether AutoTrain can read a dataset from a folder, which is the only way to train on a chosen revision:
 * it knows no revision of a dataset on the Hub. A folder of images by class and a table named like the split it packs
 * itself, where they keep to its rules; everything else it gives to `load_dataset`, which reads a folder of tables as
 * it reads the Hub.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/project.py
 * https://huggingface.co/docs/datasets/loading#local-and-remote-files
 *
 * @throws HttpError or NoAnswerError when the Hub does not say
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

interface Look {
  readonly hub: Hub
  readonly recipe: Recipe
  readonly revision: string
  readonly signal: AbortSignal
}

async function whyNotFolder(look: Look): Promise<string | null> {
  const { task, trainSplit } = look.recipe
  const top = new Set<string>()
  for await (const { path } of entries(look)) top.add(path)
  if (withPictures.test(task)) {
    if (!top.has(trainSplit)) return whyNotLoaded(look, top)
    return task === 'image-classification'
      ? whyNotClasses(look)
      : `for the task ${task} AutoTrain reads ${trainSplit}/ by rules that are not checked here`
  }
  const ending = ownTables.find((known) => top.has(`${trainSplit}.${known}`))
  return ending === undefined ? whyNotLoaded(look, top) : whyNotPacked(look, { top, ending })
}

/** Why AutoTrain cannot pack the folders of images by class. */
async function whyNotClasses({ hub, recipe, revision, signal }: Look): Promise<string | null> {
  const { inputDataset, trainSplit, validSplit } = recipe
  const look = (folder: string) => classFolders(hub, { dataset: inputDataset, revision, folder, signal })
  const train = await look(trainSplit)
  if (typeof train === 'string') return train
  if (trainSplit !== packedSplit) return otherName(trainSplit)
  if (validSplit === null) return null
  const valid = await look(validSplit)
  if (typeof valid === 'string') return valid
  const areSame = valid.size === train.size && [...valid].every((name) => train.has(name))
  return areSame ? null : `${validSplit}/ and ${trainSplit}/ have different classes`
}

/** Why AutoTrain cannot pack a table of its own as it would read the same table from the Hub. */
async function whyNotPacked(
  look: Look,
  { top, ending }: { top: ReadonlySet<string>; ending: string },
): Promise<string | null> {
  const { task, trainSplit, validSplit } = look.recipe
  if (trainSplit !== packedSplit) return otherName(trainSplit)
  if (validSplit !== null && !top.has(`${validSplit}.${ending}`)) {
    return `beside ${trainSplit}.${ending} there is no ${validSplit}.${ending}`
  }
  if (validSplit !== null && isLanguageModel(task)) {
    return `for the task ${task} AutoTrain leaves out the validation split of tables in a folder`
  }
  const own = new Set([trainSplit, ...otherSplits, ...(validSplit === null ? [] : [validSplit])])
  let looked = 0
  for await (const { type, path } of entries(look, { recursive: true })) {
    const isOwn = path.endsWith(`.${ending}`) && own.has(path.slice(0, -ending.length - 1))
    if (type === 'file' && anyTable.test(path) && !isOwn) {
      return `beside ${trainSplit}.${ending} there are other tables, which may belong to the same split`
    }
    looked += 1
    if (looked === maxLooked)
      return `beside ${trainSplit}.${ending} there are more files than are looked through`
  }
  return (await cardSaysHow(look)) ? 'AutoTrain does not look at what its card says of its data' : null
}

const otherName = (split: string) =>
  `AutoTrain packs what is in a folder only for the split train, not ${split}`

/** Why `load_dataset` does not read the folder as it reads the Hub, or AutoTrain does not bear it. */
async function whyNotLoaded(look: Look, top: ReadonlySet<string>): Promise<string | null> {
  const { task, trainSplit } = look.recipe
  // Its model card would name the folder as the dataset, which the Hub need not accept.
  if (tableKind(task) !== null) {
    return `for the task ${task} AutoTrain reads from a folder only ${trainSplit}.csv or ${trainSplit}.jsonl`
  }
  const names = [...top]
  if (names.some((name) => name.endsWith('.py'))) return 'the dataset has a Python script, which may load it'
  if (top.has('state.json')) return 'the dataset was written by save_to_disk, which AutoTrain does not read'
  if (names.some((name) => table.test(name))) return null
  let looked = 0
  for await (const { type, path } of entries(look, { recursive: true })) {
    if (type === 'file' && table.test(path)) return null
    looked += 1
    if (looked === maxLooked) break
  }
  const folder = withPictures.test(task) ? `no folder ${trainSplit}/ and ` : ''
  return `the dataset has ${folder}no tables (.csv, .json, .jsonl, .parquet)`
}

function entries({ hub, recipe, revision, signal }: Look, { recursive = false } = {}) {
  return listFiles({
    repo: { type: 'dataset', name: recipe.inputDataset },
    revision,
    recursive,
    ...hub.access(signal),
  })
}

/**
 * Whether the card names files, columns or classes, which `load_dataset` goes by.
 * https://huggingface.co/docs/hub/datasets-manual-configuration
 */
async function cardSaysHow({ hub, recipe, revision, signal }: Look): Promise<boolean> {
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
