import type { Check } from '../../../../domain/plan/checks.ts'
import type { Task } from '../../../../domain/tasks.ts'
import { ownScript } from '../../layout/layout.ts'
import { type Column, columnNamed } from '../files/table.ts'
import { labelColumns } from './mapping.ts'
import { quoteNames } from './names.ts'
import {
  type ContentQuestion,
  checkOf,
  doubtful,
  fatal,
  type Problem,
  pathOf,
  type ReadTable,
  tablesOf,
} from './question.ts'

/** Tasks that fail unless the validation split has each class of the training split. */
const needsAll: readonly Task[] = [
  'text-classification',
  'image-classification',
  'sentence-transformers:pair_class',
]

/** Tasks that fail on a class that only the validation split has. */
const needsKnown: readonly Task[] = [...needsAll, 'tabular-classification']

/** Whether both splits have the same classes. Null without a validation split, or where the task has no classes. */
export function checkValidation(question: ContentQuestion): Check | null {
  const { recipe, data } = question
  const labels = labelColumns(recipe)
  if (recipe.validSplit === null || data.valid === null || !needsKnown.includes(recipe.task)) return null
  const check = { id: 'data-validation', title: 'Classes of the validation split' }
  const [train] = tablesOf(question, 'train')
  const [valid] = tablesOf(question, 'valid')
  if (train === undefined || valid === undefined) return checkOf(check, { problems: [], found: null })
  const pairs = labels.flatMap(({ column: name }) => {
    const [a, b] = [columnNamed(train.table, name), columnNamed(valid.table, name)]
    return a === null || b === null ? [] : [{ question, train, valid, a, b }]
  })
  const problems = pairs.flatMap((pair) => [...valueProblems(pair), ...typeProblems(pair)])
  const isSeen = pairs.some(({ a, b }) => a.type.is === 'class' || (a.counts !== null && b.counts !== null))
  return checkOf(check, { problems, found: isSeen ? 'as in the training split' : null })
}

interface Pair {
  readonly question: ContentQuestion
  readonly train: ReadTable
  readonly valid: ReadTable
  readonly a: Column
  readonly b: Column
}

/** Compares the values that were read. */
function valueProblems({ question, train, valid, a, b }: Pair): Problem[] {
  const { recipe, data } = question
  const [known, seen] = [a.counts, b.counts]
  // Numbers with and without empty rows are written differently.
  const isSimilar = a.type.is === b.type.is && (a.type.is === 'text' || a.type.is === 'integer')
  const hasNumbersWithEmpty = a.type.is === 'integer' && (a.empty !== 0 || b.empty !== 0)
  if (known === null || seen === null || !isSimilar || hasNumbersWithEmpty) return []
  if (data.by === 'library' && recipe.task !== 'tabular-classification') return []
  const isAll = (files: readonly string[] | null, { table }: ReadTable) =>
    table.isWhole && files?.length === 1
  const path = pathOf(question, valid.file)
  const names = (labels: readonly string[]) =>
    question.repository.isPublic ? ` (${quoteNames(labels)})` : ''
  const fix = `use the same classes in both, ${ownScript}`
  const extra = [...seen.keys()].filter((label) => !known.has(label))
  if (isAll(data.train, train) && extra.length > 0) {
    return [
      fatal(
        `valid-split: ${path} has labels that ${pathOf(question, train.file)} does not have${names(extra)}: ${fix}.`,
      ),
    ]
  }
  const lacking = [...known.keys()].filter((label) => !seen.has(label))
  if (isAll(data.valid, valid) && lacking.length > 0 && needsAll.includes(recipe.task)) {
    return [
      fatal(
        `valid-split: ${path} lacks classes of ${pathOf(question, train.file)}${names(lacking)}, and AutoTrain needs ` +
          `each of them in both: ${fix}.`,
      ),
    ]
  }
  return []
}

/** Compares what the footers of Parquet say of classes. */
function typeProblems({ question, valid, a, b }: Pair): Problem[] {
  const { recipe, data } = question
  if (a.type.is !== 'class' || !needsAll.includes(recipe.task)) return []
  const path = pathOf(question, valid.file)
  const last = a.type.names.length - 1
  if ((b.empty !== null && b.empty > 0) || (b.range !== null && b.range.min < 0)) {
    return [
      fatal(
        `valid-split: ${path} has rows without a label (empty, or the class -1), as test splits of competitions do: ` +
          `choose another valid-split, ${ownScript}.`,
      ),
    ]
  }
  // Without a row of the first or of the last class there are fewer than AutoTrain counts.
  const isShort = b.range !== null && (b.range.min > 0 || b.range.max < last)
  if (isShort && data.valid?.length === 1) {
    return [
      fatal(
        `valid-split: ${path} does not have a row of each of the ${a.type.names.length} classes, which AutoTrain needs: ` +
          `add rows, choose another valid-split, ${ownScript}.`,
      ),
    ]
  }
  if (b.type.is === 'class' && b.type.names.join('\n') !== a.type.names.join('\n')) {
    return [
      doubtful(
        `valid-split: ${path} names its classes differently than the training split, which numbers them.`,
      ),
    ]
  }
  return []
}
