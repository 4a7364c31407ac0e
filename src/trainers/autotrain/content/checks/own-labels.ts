import type { Task } from '../../../../domain/tasks.ts'
import { ownScript } from '../../layout/layout.ts'
import { type Column, columnNamed } from '../files/table.ts'
import { labelColumns } from './mapping.ts'
import {
  type ColumnAt,
  type ContentQuestion,
  countInWords,
  doubtful,
  fatal,
  nameOf,
  type Problem,
  placeOf,
  type ReadTable,
} from './question.ts'
import { whyNotStratified } from './stratified.ts'

/** Tasks for which AutoTrain sets a fifth aside with rows of each class. */
const stratified: readonly Task[] = ['text-classification', 'tabular-classification']

/** Tasks whose labels must be of two classes at least, each of which is in both splits. */
const classes: readonly Task[] = [...stratified, 'sentence-transformers:pair_class']

/** What is wrong with the labels of a table that AutoTrain reads itself. It makes classes of them. */
export function ownLabelProblems(question: ContentQuestion, read: ReadTable): Problem[] {
  const { recipe } = question
  return labelColumns(recipe).flatMap(({ column: name }) => {
    const column = columnNamed(read.table, name)
    if (column === null) return []
    const about = { question, read, column }
    if (recipe.task === 'token-classification') return tokenProblems(about)
    return [...emptyProblems(about), ...numberProblems(about), ...classProblems(about)]
  })
}

function emptyProblems(about: ColumnAt): Problem[] {
  const { question, column } = about
  const { task, validSplit } = question.recipe
  const { empty } = column
  if (empty === null || empty === 0) return []
  const isAlone = stratified.includes(task) && validSplit === null
  const isText = task === 'sentence-transformers:pair_class' && column.type.is === 'text'
  const rows = countInWords(empty, 'row')
  // pandas also takes such words for nothing.
  const what = `input-dataset: ${placeOf(about)} has no value in ${rows}`
  const fix = `give each row a label (pandas also takes words such as None and NA for nothing), or remove the row, ${ownScript}`
  if (isAlone || isText || task === 'text-regression') {
    return [fatal(`${what}, with which AutoTrain fails: ${fix}.`)]
  }
  return classes.includes(task) ? [doubtful(`${what}, of which AutoTrain makes a class "nan": ${fix}.`)] : []
}

function numberProblems(about: ColumnAt): Problem[] {
  const { question, column } = about
  const { task } = question.recipe
  if (column.type.is !== 'text') return []
  const text = firstText(column)
  const example = text === null ? '' : `, such as ${nameOf(question, text, 'one that is not shown')}`
  if (task === 'text-regression' || task === 'sentence-transformers:pair_score') {
    return [
      fatal(
        `input-dataset: ${placeOf(about)} has values that are no numbers${example}, and ${task} learns numbers: correct ` +
          `them, choose a task with classes, ${ownScript}.`,
      ),
    ]
  }
  if (task !== 'tabular-classification') return []
  return [
    fatal(
      `input-dataset: ${placeOf(about)} holds text${example}, and AutoTrain trains on a table only if its labels are ` +
        `integers: number the classes, ${ownScript}.`,
    ),
  ]
}

/** A value that is no number. */
function firstText({ counts }: Column): string | null {
  return [...(counts?.keys() ?? [])].find((value) => Number.isNaN(Number(value))) ?? null
}

function classProblems(about: ColumnAt): Problem[] {
  const { question, read, column } = about
  const { task, validSplit } = question.recipe
  const { counts } = column
  if (!classes.includes(task) || !read.table.isWhole || counts === null) return []
  const all = new Map(counts)
  if (column.empty !== null && column.empty > 0) all.set('nan', column.empty)
  if (all.size < 2) {
    const only = [...all.keys()].map((name) => nameOf(question, name, 'one')).join('')
    // With several targets, some models also learn one that never changes.
    const problem = labelColumns(question.recipe).length > 1 ? doubtful : fatal
    return [
      problem(
        `input-dataset: ${placeOf(about)} has fewer than two classes (${only === '' ? 'none' : only}): AutoTrain needs ` +
          `rows of at least two, ${ownScript}.`,
      ),
    ]
  }
  if (validSplit !== null) return []
  const lonely = [...all].find(([, count]) => count === 1)
  const fault =
    task === 'sentence-transformers:pair_class'
      ? lonely && { label: lonely[0], why: 'has one row, which would be missing in one of both parts' }
      : whyNotStratified(all, { needsAll: task === 'text-classification' })
  if (fault === null || fault === undefined) return []
  return [
    fatal(
      `input-dataset: the class ${nameOf(question, fault.label, 'with the fewest rows')} of ${placeOf(about)} ${fault.why}: ` +
        `add rows, merge the class with another, or set valid-split, ${ownScript}.`,
    ),
  ]
}

/** AutoTrain takes a cell of tags for a list in Python's notation. */
function tokenProblems(about: ColumnAt): Problem[] {
  const { question, column } = about
  const { type, counts, empty } = column
  const fix =
    'write lists, such as ["B-PER", "O"], with as many tags as tokens (JSON Lines keeps them as they are)'
  if (type.is === 'text' || type.is === 'integer' || type.is === 'float') {
    const bad = [...(counts?.keys() ?? [])].find((value) => !/^\s*[[(]/.test(value))
    if (bad === undefined) return []
    const example = nameOf(question, bad, 'a value that is not shown')
    return [fatal(`input-dataset: ${placeOf(about)} has values that are no lists (${example}): ${fix}.`)]
  }
  if (type.is === 'list' && empty !== null && empty > 0) {
    return [fatal(`input-dataset: ${placeOf(about)} has no value in ${countInWords(empty, 'row')}: ${fix}.`)]
  }
  return []
}
