import { isLanguageModel } from '../../../domain/tasks.ts'
import { otherSplitName } from './image-layout.ts'
import { failing, type Layout, ownScript, type Question, readable, shown } from './layout.ts'
import { readByLibrary } from './library-reading.ts'
import { layoutByLibrary } from './loaded-layout.ts'
import { readSplits } from './splits.ts'

/** The tables that AutoTrain reads itself, in its order. */
const ownTables = ['csv', 'jsonl'] as const

/** AutoTrain's name for every training split that it reads from a folder itself. */
const folderSplit = 'train'

/** Everything that the library `datasets` may read as a table or unpack. */
const anyTable = /\.(?:csv|tsv|ndjson|jsonl?|parquet|arrow|zip)(?:\.\w+)?$/i

/** A table at the top that is named like the training split: AutoTrain reads it itself. */
interface OwnTable {
  readonly path: string
  readonly ending: (typeof ownTables)[number]
}

/** How AutoTrain reads a dataset of texts or tables. */
export function tableLayout(question: Question): Layout {
  const { repository, recipe } = question
  const top = new Set(repository.paths.filter((path) => !path.includes('/')))
  const ending = ownTables.find((known) => top.has(`${recipe.trainSplit}.${known}`))
  if (ending === undefined) return layoutByLibrary(question, { whyNotMounted: null })
  const own = { path: `${recipe.trainSplit}.${ending}`, ending }
  const obstacle = obstacleTo(question, own)
  if (obstacle === null) return ownLayout(question, own, [])
  if (obstacle.losesNothing === true && obstacle.note !== null) {
    return ownLayout(question, own, [obstacle.note])
  }
  const fromHub = layoutByLibrary(question, { whyNotMounted: obstacle.why })
  if (fromHub.kind === 'readable') return fromHub
  // From a folder AutoTrain still reads the table, which is better than a failure.
  return obstacle.note === null
    ? failing(obstacle.reason ?? fromHub.reason)
    : ownLayout(question, own, [obstacle.note])
}

/** How AutoTrain reads its own table from a folder. */
function ownLayout(question: Question, { path, ending }: OwnTable, notes: readonly string[]): Layout {
  const { task, validSplit } = question.recipe
  return readable(question, {
    validation: validSplit !== null ? 'split' : isLanguageModel(task) ? 'none' : 'fifth',
    notes,
    files: {
      by: 'autotrain',
      format: ending === 'csv' ? 'csv' : 'json',
      train: [path],
      valid: validSplit === null ? null : [`${validSplit}.${ending}`],
      others: [],
      hasReaderSettings: false,
      first: null,
    },
  })
}

/** Why a table is not read from a folder. */
interface Obstacle {
  /** The end of a sentence after "because". */
  readonly why: string
  /** What a person should know where it is read from a folder all the same; null where that would fail or lose data. */
  readonly note: string | null
  /** Why nothing works, where the Hub does not either; null: the Hub's reason says it. */
  readonly reason: string | null
  /** Whether it reads from the folder the same rows as from the Hub. */
  readonly losesNothing?: boolean
}

function obstacleTo(question: Question, { path, ending }: OwnTable): Obstacle | null {
  const { repository, recipe } = question
  const { task, trainSplit, validSplit } = recipe
  const fatal = (why: string, reason: string | null = null): Obstacle => ({ why, note: null, reason })
  if (trainSplit !== folderSplit) return fatal(otherSplitName(trainSplit))
  if (validSplit !== null && !repository.paths.includes(`${validSplit}.${ending}`)) {
    const why = `there is no ${validSplit}.${ending} next to ${path}`
    return fatal(why, `valid-split: ${why}: add it, remove valid-split, ${ownScript}.`)
  }
  if (validSplit !== null && isLanguageModel(task)) {
    return fatal(`for the task ${task} AutoTrain ignores the validation split of tables in a folder`)
  }
  return otherTable(question, { path, ending }) ?? cardSettings(question, { path, ending })
}

/** Another table of the same split, which AutoTrain would leave out. */
function otherTable(question: Question, { path, ending }: OwnTable): Obstacle | null {
  const { repository, recipe } = question
  const own = [path, ...(recipe.validSplit === null ? [] : [`${recipe.validSplit}.${ending}`])]
  const first = repository.paths.find(
    (other) => anyTable.test(other) && !own.includes(other) && isSameSplit(own, other),
  )
  if (first === undefined) return null
  const name = shown(question, first, 'another table')
  return {
    why: `there are other tables next to ${path}, which may belong to the same split`,
    note: null,
    reason:
      `input-dataset: AutoTrain would read ${own.join(' and ')} alone and leave out ${name}, which seems to belong to ` +
      `the same split: put all rows into one file, ${ownScript}.`,
  }
}

/** Whether the library would read a table with AutoTrain's own ones, or in their place. */
function isSameSplit(own: readonly string[], other: string): boolean {
  const names = [...readSplits(own)].flatMap(([name, paths]) => (paths.length > 0 ? [name] : []))
  const together = readSplits([...own, other])
  return names.some((name) => together.get(name)?.includes(other) ?? false)
}

/** Data settings of the card, which AutoTrain does not read with its own table. */
function cardSettings({ repository, recipe }: Question, { path, ending }: OwnTable): Obstacle | null {
  const { configs, hasInfo } = repository.card
  if (configs?.length === 0 && !hasInfo) return null
  const why = 'AutoTrain ignores the data settings in the dataset card'
  const reading = readByLibrary(repository, recipe)
  const valid = recipe.validSplit
  const isSame =
    reading.kind === 'known' &&
    !reading.hasReaderSettings &&
    reading.splits.get('train')?.join() === path &&
    (valid === null || reading.splits.get(valid)?.join() === `${valid}.${ending}`)
  return { why, note: why, reason: null, losesNothing: isSame && !hasInfo }
}
