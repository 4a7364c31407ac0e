import type { Recipe } from '../../../domain/recipe.ts'
import { isClassTask, isLanguageModel, tableKind } from '../../../domain/tasks.ts'
import { quoteNames } from '../content/checks/names.ts'
import { type Format, formatOf, isMetadata } from './formats.ts'
import { type DataFiles, failing, type Layout, ownScript, type Question, readable, shown } from './layout.ts'
import {
  configOf,
  hasOwnFeatures,
  type ImageClasses,
  type KnownReading,
  readByLibrary,
  readImageClasses,
} from './library-reading.ts'
import { baseName, type Splits } from './splits.ts'

/** Tasks that train on images. */
export const imageTask = /^(?:image|vlm)/

/** The formats of tables that are read from a folder as from the Hub. */
const tables: readonly Format[] = ['csv', 'json', 'parquet']

/** The formats whose columns can be classes only if the card says so. */
const plainFormats: readonly Format[] = ['csv', 'tsv', 'json', 'text', 'xml']

/**
 * How AutoTrain reads a dataset that it leaves to the library `datasets`.
 *
 * @param options.whyNotMounted why it would read a folder in another way; null when it leaves the folder to the library
 *   as well
 */
export function layoutByLibrary(
  question: Question,
  { whyNotMounted }: { whyNotMounted: string | null },
): Layout {
  const { repository, recipe } = question
  const problem = tableProblem(question) ?? splitProblem(question)
  if (problem !== null) return failing(problem)
  const reading = readByLibrary(repository, recipe)
  if (reading.kind === 'failing') return failing(`input-dataset: ${reading.why}: ${advice(question)}.`)
  if (reading.kind === 'nameless' || reading.kind === 'unclear') {
    return unclearLayout(question, { whyNotMounted })
  }
  const { format, splits } = reading
  const saved = savedProblem(question, splits) ?? columnProblem(question, { format, splits })
  if (saved !== null) return failing(saved)
  return readable(question, {
    whyNotMounted: whyNotMounted ?? whyNotLoaded(question, { format }),
    notes: cardNotes(question, { format }),
    files: filesOf(question, reading),
  })
}

/** The files of the recipe's splits. */
function filesOf({ repository, recipe }: Question, reading: KnownReading): DataFiles {
  const { format, splits, hasReaderSettings } = reading
  const all = [...splits.values()].flat()
  const ofSplit = (split: string, of: KnownReading) => {
    const name = nameOf(split)
    return name === 'all' ? [...of.splits.values()].flat() : (of.splits.get(name) ?? [])
  }
  const train = ofSplit(recipe.trainSplit, reading)
  const validReading =
    recipe.validSplit === null ? null : readByLibrary(repository, { trainSplit: recipe.validSplit })
  const valid =
    recipe.validSplit !== null && validReading?.kind === 'known'
      ? ofSplit(recipe.validSplit, validReading)
      : null
  const used = new Set([...train, ...(valid ?? [])])
  const others = all.filter((path) => !used.has(path))
  return { by: 'library', format, train, valid, others, hasReaderSettings, first: all[0] ?? null }
}

/** What `save_to_disk` wrote is data for `load_from_disk` only: the library reads its notes about the files instead. */
function savedProblem({ recipe }: Question, splits: Splits): string | null {
  const files = splits.get(nameOf(recipe.trainSplit)) ?? []
  if (files.length === 0 || !files.every((path) => baseName(path) === 'state.json')) return null
  return (
    'input-dataset: the dataset was written by save_to_disk, which AutoTrain does not read: load it with ' +
    `load_from_disk and upload it with push_to_hub, ${ownScript}.`
  )
}

/** The card, a script or an archive decides: the listing does not tell more than which formats there are. */
function unclearLayout(question: Question, { whyNotMounted }: { whyNotMounted: string | null }): Layout {
  const formats = new Set(question.repository.paths.map(formatOf))
  const [only] = [...formats].filter((format) => format !== null)
  const format = formats.size <= 2 && only !== undefined && formats.has(only) ? only : null
  const isOnly = format !== null && [...formats].every((each) => each === null || each === format)
  if (isOnly && plainFormats.includes(format) && !hasOwnFeatures(question.repository)) {
    const problem = classProblem(question, { format })
    if (problem !== null) return failing(problem)
  }
  return readable(question, { whyNotMounted: whyNotMounted ?? whyNotUnclear(question) })
}

function whyNotUnclear({ repository, recipe }: Question): string | null {
  const { paths } = repository
  const top = paths.filter((path) => !path.includes('/'))
  if (tableKind(recipe.task) !== null) return onlyOwnTables(recipe.task, recipe.trainSplit)
  if (top.some((name) => name.endsWith('.py'))) return 'the dataset has a Python script, which may load it'
  if (recipe.task === 'image-classification' && paths.some((path) => formatOf(path) === 'image')) return null
  return paths.some((path) => /\.(?:csv|jsonl?|parquet)$/.test(path)) ? null : noTables(recipe)
}

/** Why a dataset whose format is known is not mounted; null when it is read from a folder just as from the Hub. */
function whyNotLoaded({ recipe }: Question, { format }: { format: Format }): string | null {
  const { task, trainSplit } = recipe
  // AutoTrain's model card would name the folder as its dataset, which the Hub may reject.
  if (tableKind(task) !== null) return onlyOwnTables(task, trainSplit)
  if (tables.includes(format)) return null
  return format === 'image' && task === 'image-classification' ? null : noTables(recipe)
}

const onlyOwnTables = (task: string, split: string) =>
  `for the task ${task} AutoTrain reads only ${split}.csv or ${split}.jsonl from a folder`

function noTables({ task, trainSplit }: { task: string; trainSplit: string }): string {
  const folder = imageTask.test(task) ? `no folder ${trainSplit}/ and ` : ''
  return `the dataset has ${folder}no tables (.csv, .json, .jsonl, .parquet)`
}

/** AutoTrain trains on a table only with a validation split, which it sets aside of its own tables alone. */
function tableProblem({ recipe }: Question): string | null {
  const { task, trainSplit, validSplit } = recipe
  if (tableKind(task) === null || validSplit !== null) return null
  return (
    `valid-split: for the task ${task} AutoTrain needs a validation split, which it sets aside only of a top-level ` +
    `train.csv or train.jsonl, not of the split ${trainSplit} here: set valid-split, or put the rows into train.csv.`
  )
}

/** Which split of the recipe the dataset does not have. */
function splitProblem(question: Question): string | null {
  const { trainSplit, validSplit } = question.recipe
  return (
    oneSplitProblem(question, { key: 'train-split', value: trainSplit }) ??
    (validSplit === null ? null : oneSplitProblem(question, { key: 'valid-split', value: validSplit }))
  )
}

function oneSplitProblem(question: Question, { key, value }: { key: string; value: string }): string | null {
  const { card } = question.repository
  const [split, config] = [nameOf(value), configOf(value)]
  const configs = card.configs ?? []
  const reading = readByLibrary(question.repository, { trainSplit: value })
  const example = (name: string) => shown(question, `${name}:${split}`, `<configuration>:${split}`)
  if (reading.kind === 'nameless') {
    const [first = ''] = reading.names
    return (
      `${key}: the dataset card has ${reading.names.length} configurations${namesOf(question, reading.names)} and no ` +
      `default, so that the library does not choose: set ${key} to one of them and its split, such as ${example(first)}.`
    )
  }
  const names = configs.map(({ name }) => name)
  if (config !== null && names.length > 0 && !names.includes(config)) {
    return (
      `${key}: the dataset card names no configuration ${config}${namesOf(question, names, ' but ')}: set ${key} to one ` +
      `of them and its split, such as ${example(names[0] ?? '')}.`
    )
  }
  if (reading.kind !== 'known') return null
  const found = list([...reading.splits.keys()])
  if (config !== null && config !== 'default' && names.length === 0 && !card.hasInfo) {
    return `${key}: the dataset card names no configuration ${config}: set ${key} to ${found}, or name it in the card.`
  }
  if (split === 'all' || (reading.splits.get(split)?.length ?? 0) > 0) return null
  const by = names.length > 0 ? 'the configs of its card' : 'the names of its folders and files'
  return (
    `${key}: the dataset has no split ${split}, but ${found}, by ${by}: set ${key} ` +
    'to one of these, or rename them.'
  )
}

/** Names of configurations; nothing where they must not be shown. */
function namesOf(question: Question, names: readonly string[], before = ''): string {
  if (!question.repository.isPublic) return ''
  return before === '' ? ` (${quoteNames(names)})` : `${before}${quoteNames(names)}`
}

/** The split of `large:train`. */
function nameOf(split: string): string {
  return split.slice(split.indexOf(':') + 1)
}

/** What is wrong with the columns that the library gives the data. */
function columnProblem(question: Question, data: { format: Format; splits: Splits }): string | null {
  const { recipe, repository } = question
  const isMedia = ['image', 'audio', 'video'].includes(data.format)
  if (isMedia && !imageTask.test(recipe.task)) {
    if (repository.paths.some(isMetadata)) return null
    return `input-dataset: the dataset has no tables (.csv, .json, .jsonl, .parquet): ${advice(question)}.`
  }
  if (data.format === 'image') {
    return recipe.task === 'image-classification' ? imageProblem(question, data.splits) : null
  }
  return plainFormats.includes(data.format) ? classProblem(question, data) : null
}

/** Why the labels of a table are no classes; null when the card says that they are, or the task needs none. */
function classProblem(question: Question, { format }: { format: Format }): string | null {
  const { recipe, repository } = question
  const column = classColumn(question)
  if (column === null || repository.card.hasClasses.get(column) === true) return null
  const where = imageTask.test(recipe.task)
    ? 'image-classification reads images from class folders (train/<class>/) or Parquet with a ClassLabel column'
    : 'AutoTrain makes classes of the labels only in a top-level train.csv or train.jsonl'
  const others = repository.paths.filter((path) => formatOf(path) === format)
  const [first = ''] = others.filter((path) => baseName(path).startsWith('train')).concat(others)
  return (
    `input-dataset: the labels in ${shown(question, first, `the .${first.split('.').at(-1)} files`)} are plain ` +
    `${format === 'json' ? 'JSON' : 'text'} values, not classes, so the task ${recipe.task} fails: ${where}; ` +
    `${howToMove(question, { path: first, isOnly: others.length === 1 })}, or cast the column to ClassLabel and use push_to_hub, ${ownScript}.`
  )
}

/** How to bring a table to where AutoTrain makes classes of its labels. */
function howToMove(question: Question, { path, isOnly }: { path: string; isOnly: boolean }): string {
  const ending = /\.(csv|jsonl)$/.exec(path)?.[1]
  if (imageTask.test(question.recipe.task) || !isOnly || ending === undefined) return 'move the data there'
  return `rename ${shown(question, path, `the .${ending} file`)} to train.${ending} with train-split: train`
}

/** The column that must hold classes; null when the task needs none. */
function classColumn({ recipe }: Question): string | null {
  if (!isClassTask(recipe.task)) return null
  const { target_column: target, tags_column: tags } = recipe.columnMapping
  return [target ?? tags ?? ''].flat()[0] ?? ''
}

/** Why a dataset of images has no classes to learn. */
function imageProblem(question: Question, splits: Splits): string | null {
  const { repository, recipe } = question
  const metadata = repository.paths.find(isMetadata)
  if (metadata !== undefined) {
    return (
      `input-dataset: ${shown(question, metadata, 'a metadata.csv or metadata.jsonl')} takes the place of the class ` +
      'folders, and its labels are no classes: AutoTrain learns from one folder per class; remove the file and sort ' +
      `the images into class folders, ${ownScript}.`
    )
  }
  const classes = readImageClasses(splits)
  return levelProblem(question, { splits, classes }) ?? validProblem(question, classes) ?? columnNames(recipe)
}

function levelProblem(
  question: Question,
  { splits, classes }: { splits: Splits; classes: ImageClasses },
): string | null {
  if (!classes.isLevel) {
    const deepest = [...splits.values()].flat().toSorted((a, b) => depth(b) - depth(a))[0] ?? ''
    const folder = shown(question, `${deepest.slice(0, deepest.lastIndexOf('/'))}/`, 'a folder')
    return (
      `input-dataset: ${folder} lies deeper than other folders with images, so that AutoTrain gets no classes: all ` +
      `images must be equally deep, one folder per class without folders inside it; move them, ${ownScript}.`
    )
  }
  if (classes.all.size > 1) return null
  const [only = ''] = classes.all
  const name = shown(question, only === '' ? 'none' : only, 'one')
  return (
    `input-dataset: the images are in fewer than two class folders (${name}): AutoTrain needs at least two classes; ` +
    `add a folder for each class, ${ownScript}.`
  )
}

const depth = (path: string) => path.split('/').length

function validProblem({ recipe }: Question, { all, bySplit }: ImageClasses): string | null {
  const { trainSplit, validSplit } = recipe
  const valid = validSplit === null ? undefined : bySplit.get(validSplit)
  const train = bySplit.get(trainSplit)
  if (valid === undefined || train === undefined) return null
  return valid.size === all.size && train.size === all.size
    ? null
    : differentClasses(recipe, { train: [...train], valid: [...valid] })
}

/** Says that two splits have different classes, or the same ones whose accents are stored differently. */
export function differentClasses(
  { trainSplit, validSplit }: { trainSplit: string; validSplit: string | null },
  { train, valid }: { train: readonly string[]; valid: readonly string[] },
): string {
  const composed = (names: readonly string[]) =>
    JSON.stringify([...new Set(names.map((name) => name.normalize('NFC')))].sort())
  if (composed(train) === composed(valid)) {
    return (
      `valid-split: ${validSplit}/ and ${trainSplit}/ store the accents in their class names differently (NFC and NFD), ` +
      'which makes them different classes: rename the folders of one.'
    )
  }
  return (
    `valid-split: ${validSplit}/ and ${trainSplit}/ have different classes: AutoTrain needs the same class folders in ` +
    'each split; add what is missing, or remove valid-split.'
  )
}

/** The library gives a folder of images these two columns. */
function columnNames({ columnMapping }: Pick<Recipe, 'columnMapping'>): string | null {
  const { image_column: image, target_column: target } = columnMapping
  if (image === 'image' && target === 'label') return null
  return (
    `column-mapping: a dataset of class folders has the columns image and label, not ${image} and ${target}: ` +
    'set {"image_column": "image", "target_column": "label"}.'
  )
}

/** What the card says against a training, which may be out of date. */
function cardNotes(question: Question, { format }: { format: Format }): string[] {
  const column = classColumn(question)
  if (column === null) return []
  const hasClasses = question.repository.card.hasClasses.get(column)
  if (plainFormats.includes(format)) {
    return [`Warning: the labels count as classes only if the dataset card is right about ${column}`]
  }
  return hasClasses === false
    ? [`Warning: by the dataset card, ${column} holds no classes (ClassLabel), with which AutoTrain fails`]
    : []
}

function advice({ recipe }: Question): string {
  if (recipe.task === 'image-classification') {
    return `AutoTrain reads images from class folders (train/<class>/) or Parquet; add them, ${ownScript}`
  }
  const lm = isLanguageModel(recipe.task) ? ' or Parquet' : ''
  return `put the data into a top-level train.csv or train.jsonl${lm}, ${ownScript}`
}

const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '))
