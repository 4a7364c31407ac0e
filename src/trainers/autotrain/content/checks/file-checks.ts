import type { Check } from '../../../../domain/plan/checks.ts'
import { ownScript } from '../../layout/layout.ts'
import type { ReadFile } from '../files/read-content.ts'
import { type Column, type ColumnType, columnNamed } from '../files/table.ts'
import { quoteNames } from './names.ts'
import {
  type ContentQuestion,
  checkOf,
  countInWords,
  doubtful,
  fatal,
  nameOf,
  type Problem,
  pathOf,
  type ReadTable,
  tablesOf,
} from './question.ts'

/** Whether the files can be read, and hold rows. */
export function checkFiles(question: ContentQuestion): Check {
  const { files } = question
  const problems = files.flatMap((file) => fileProblems(question, file))
  const read = files.filter(({ reading }) => reading.state === 'read')
  const unread = files.flatMap((file) =>
    file.reading.state === 'unread' ? [`${pathOf(question, file)} ${file.reading.why}`] : [],
  )
  const check = { id: 'data-files', title: 'Read the first bytes of the training data' }
  const found = read.map((file) => describe(question, file)).join('; ')
  const all = [found, ...unread].filter((text) => text !== '').join('; ')
  if (problems.length === 0 && read.length === 0) {
    return { ...check, found: all === '' ? 'no table' : all, verdict: 'unknown', advice: null }
  }
  return checkOf(check, { problems, found: all })
}

function describe(question: ContentQuestion, file: ReadFile): string {
  if (file.reading.state !== 'read') return ''
  const { rows, columns } = file.reading.table
  const names = question.repository.isPublic ? ` (${quoteNames(columns.map(({ name }) => name))})` : ''
  return `${pathOf(question, file)}: ${rows === null ? '' : `${countInWords(rows, 'row')}, `}${countInWords(columns.length, 'column')}${names}`
}

function fileProblems(question: ContentQuestion, file: ReadFile): Problem[] {
  const { reading } = file
  const path = pathOf(question, file)
  if (reading.state === 'broken') {
    return [fatal(`input-dataset: ${path} ${reading.why}: ${reading.fix}, ${ownScript}.`)]
  }
  if (reading.state === 'unread') return []
  const { rows, unknownTypes, doubled } = reading.table
  const problems: Problem[] = []
  const paths = file.part === 'train' ? question.data.train : file.part === 'valid' ? question.data.valid : []
  if (rows === 0 && paths?.length === 1) {
    const key = file.part === 'valid' ? 'valid-split' : 'input-dataset'
    problems.push(fatal(`${key}: ${path} has no rows: add some, ${ownScript}.`))
  }
  if (unknownTypes.length > 0 && !question.repository.card.hasInfo) {
    problems.push(
      fatal(
        `input-dataset: ${path} was written by a newer version of the library datasets (feature type ` +
          `${quoteNames(unknownTypes)}) than AutoTrain has, 3.2, which cannot read it: write it with datasets 3, or ` +
          `keep dataset_info in the card, ${ownScript}.`,
      ),
    )
  }
  const [double] = doubled
  if (double !== undefined) {
    const name = nameOf(question, double, 'the same name')
    problems.push(
      doubtful(`input-dataset: ${path} has several columns called ${name}; AutoTrain takes the first.`),
    )
  }
  return problems
}

/** Whether the library can put the files into one table. Null where nothing needs to fit together. */
export function checkAgreement(question: ContentQuestion): Check | null {
  const { data, repository } = question
  const tables = tablesOf(question)
  if (data.by === 'autotrain') return null
  const mixed = tables.flatMap((table) => mixedProblem(question, table))
  const first = tables.find(({ file }) => file.path === data.first)
  const others = tables.filter((table) => table !== first)
  const check = { id: 'data-same-columns', title: 'Same columns in all files' }
  if (mixed.length > 0) return checkOf(check, { problems: mixed, found: null })
  if (first === undefined || others.length === 0) return null
  // With features in the card, the library casts each file to these.
  const problems = repository.card.hasInfo
    ? []
    : others.flatMap((other) => differences(question, { first, other }))
  return checkOf(check, { problems, found: `in ${tables.length} files that were looked into` })
}

/** The library gives a column of JSON one type. */
function mixedProblem(question: ContentQuestion, { file, table }: ReadTable): Problem[] {
  const mixed = question.data.format === 'json' ? table.columns.find(({ isMixed }) => isMixed) : undefined
  if (mixed === undefined) return []
  return [
    fatal(
      `input-dataset: the column ${nameOf(question, mixed.name, 'of a name not shown')} of ${pathOf(question, file)} ` +
        `holds text in some rows and numbers in others: write all of them in the same way, ${ownScript}.`,
    ),
  ]
}

function differences(
  question: ContentQuestion,
  { first, other }: { first: ReadTable; other: ReadTable },
): Problem[] {
  const [a, b] = [pathOf(question, first.file), pathOf(question, other.file)]
  // The keys of JSON may come later than what was read.
  if (question.data.format === 'json' && !first.table.isWhole) return []
  const more = other.table.columns.filter(({ name }) => columnNamed(first.table, name) === null)
  if (more.length > 0) {
    const names = question.repository.isPublic
      ? quoteNames(more.map(({ name }) => name))
      : `${more.length} more`
    return [
      fatal(
        `input-dataset: ${b} has columns that ${a} does not have (${names}), and the library reads all splits with the ` +
          `columns of that file: give all files the same columns, or name the files to read in configs of the card, ${ownScript}.`,
      ),
    ]
  }
  const clash = other.table.columns.find((column) => {
    const same = columnNamed(first.table, column.name)
    return same !== null && first.table.isWhole && cannotCast(column, typeRead(question, same))
  })
  if (clash === undefined) return []
  return [
    fatal(
      `input-dataset: the column ${nameOf(question, clash.name, 'of a name not shown')} holds other values in ${b} than ` +
        `in ${a}, where it holds numbers only: write them in the same way, ${ownScript}.`,
    ),
  ]
}

/** The type that the library gives a column: pandas makes floats of integers where some have no value. */
function typeRead({ data }: ContentQuestion, { type, empty }: Column): ColumnType {
  return data.format !== 'json' && type.is === 'integer' && empty !== 0 ? { is: 'float' } : type
}

/** Whether values cannot become those of the file that was read first: 1.0 becomes 1, and 1.5 does not. */
function cannotCast({ type, counts }: Column, first: ColumnType): boolean {
  if (first.is === 'float') return type.is === 'text'
  if (first.is !== 'integer' || type.is !== 'float') return first.is === 'integer' && type.is === 'text'
  return [...(counts?.keys() ?? [])].some((value) => !Number.isInteger(Number(value)))
}
