import type { Check } from '../../../../domain/plan/checks.ts'
import { isClassTask, tableKind } from '../../../../domain/tasks.ts'
import { type Column, columnNamed } from '../files/table.ts'
import { classLabelProblems, numberProblems } from './library-labels.ts'
import { labelColumns } from './mapping.ts'
import { ownLabelProblems } from './own-labels.ts'
import { type ContentQuestion, checkOf, type Problem, tablesOf } from './question.ts'

/** Whether the labels are what the task learns from. Null where the task has none. */
export function checkLabels(question: ContentQuestion): Check | null {
  const { recipe, data } = question
  const hasObjects = recipe.task === 'image-object-detection'
  if (labelColumns(recipe).length === 0 && !hasObjects) return null
  const check = { id: 'data-labels', title: 'Labels of the training data' }
  const tables = tablesOf(question, 'train')
  const problems: Problem[] = tables.flatMap((read) =>
    data.by === 'autotrain'
      ? ownLabelProblems(question, read)
      : [...classLabelProblems(question, read), ...numberProblems(question, read)],
  )
  const [first] = tables
  const found =
    first === undefined
      ? null
      : labelColumns(recipe)
          .flatMap(({ column }) => columnNamed(first.table, column) ?? [])
          .map((column) => describe(question, column))
          .join(', ')
  return checkOf(check, { problems, found: found === '' ? null : found })
}

function describe({ recipe, data }: ContentQuestion, { type, counts }: Column): string {
  const isClass =
    (recipe.task !== 'token-classification' && isClassTask(recipe.task)) ||
    tableKind(recipe.task) === 'classification'
  if (type.is === 'class') return `${type.names.length} classes (ClassLabel)`
  if (type.is === 'list' && type.of.is === 'class') return `${type.of.names.length} tags (ClassLabel)`
  if (isClass && counts !== null && data.by === 'autotrain') return `${counts.size} classes`
  return type.is === 'empty' ? 'no values' : type.is
}
