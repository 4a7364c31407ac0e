import type { Check } from '../../../../domain/plan/checks.ts'
import { columnRoles } from '../../../../domain/tasks.ts'
import { ownScript } from '../../layout/layout.ts'
import { columnNamed } from '../files/table.ts'
import { labelColumns, type MappedColumn, mappedColumns, nameOf, suggestMapping } from './mapping.ts'
import { nearestName, quoteNames } from './names.ts'
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

/** Names that AutoTrain gives its own columns. */
const reserved = /^autotrain_(?:text|label|question|answer|prompt|context|rejected_text|prompt_start|id)$/

/** Whether the data has the columns that the recipe names. */
export function checkColumns(question: ContentQuestion): Check {
  const check = { id: 'data-columns', title: 'Columns of column-mapping in the data' }
  const tables = tablesOf(question).filter(({ file }) => file.part !== 'other')
  const problems = [
    ...tables.flatMap((table) => missingColumns(question, table)),
    ...tables.flatMap((table) => reservedColumns(question, table)),
  ]
  const names = mappedColumns(question.recipe).map(({ column }) => column)
  return checkOf(check, { problems, found: tables.length === 0 ? null : [...new Set(names)].join(', ') })
}

function missingColumns(question: ContentQuestion, read: ReadTable): Problem[] {
  const { recipe, data } = question
  const { file, table } = read
  // Keys of JSON may come later than what was read.
  if (data.format === 'json' && !table.isWhole) return []
  const isFirst = file.path === data.train[0] || file.path === data.valid?.[0]
  const labels = labelColumns(recipe).map(({ column }) => column)
  return mappedColumns(recipe).flatMap((mapped) => {
    const isNeeded = columnRoles(recipe.task).map(nameOf).includes(mapped.role)
    if (!isNeeded || columnNamed(table, mapped.column) !== null) return []
    const advice = missingSentence(question, { mapped, read })
    return [isFirst || labels.includes(mapped.column) ? fatal(advice) : doubtful(advice)]
  })
}

function missingSentence(
  question: ContentQuestion,
  { mapped, read }: { mapped: MappedColumn; read: ReadTable },
): string {
  const { recipe, repository } = question
  const names = read.table.columns.map(({ name }) => name)
  const what = `column-mapping: ${mapped.role} is ${mapped.column}, which is no column of ${pathOf(question, read.file)}`
  const other = otherForm(question, read)
  if (other !== null) return `${what}: ${other}, ${ownScript}.`
  if (!repository.isPublic) {
    const [verb, count] = names.length === 1 ? ['is', '1'] : ['are', `${names.length}`]
    return `${what}: set it to one of the ${count} that ${verb} there.`
  }
  const nearest = nearestName(mapped.column, names)
  const { columnMapping } = recipe
  const corrected =
    nearest === null || columnMapping[mapped.role] !== mapped.column
      ? suggestMapping({ task: recipe.task, columns: read.table.columns })
      : { ...columnMapping, [mapped.role]: nearest }
  const isWholly = Object.values(corrected ?? {})
    .flat()
    .every((column) => names.includes(column))
  const fix =
    corrected !== null && isWholly
      ? `set column-mapping: ${JSON.stringify(corrected)}`
      : 'set it to one of these'
  const meant = nearest === null ? '' : ` (did you mean ${quoteNames([nearest])}?)`
  return `${what}${meant}, which has ${quoteNames(names)}: ${fix}.`
}

const separators: Readonly<Record<string, string>> = { ';': 'semicolons', '\t': 'tabs', '|': 'bars' }

/** What a file seems to be instead of a table with columns, with what to do. */
function otherForm({ data }: ContentQuestion, { table }: ReadTable): string | null {
  const [only, ...more] = table.columns
  if (data.format === 'csv' && only !== undefined && more.length === 0) {
    const separator = Object.entries(separators).find(([character]) => only.name.includes(character))
    if (separator !== undefined) return `it seems to be separated by ${separator[1]}; save it with commas`
  }
  const rows = table.columns.find(({ type }) => type.is === 'list' && type.of.is === 'object')
  return data.format === 'json' && table.rows === 1 && rows !== undefined
    ? 'it is a single object that holds the rows; save them alone, one object on each line'
    : null
}

/** AutoTrain refuses to overwrite a column when it reads a table itself. */
function reservedColumns(question: ContentQuestion, { file, table }: ReadTable): Problem[] {
  if (question.data.by === 'library') return []
  const found = table.columns.find(({ name }) => reserved.test(name))
  if (found === undefined) return []
  const path = pathOf(question, file)
  return [
    fatal(`input-dataset: ${path} has a column ${found.name}, a name that AutoTrain uses itself: rename it.`),
  ]
}
