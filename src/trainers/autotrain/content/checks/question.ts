import type { Check, CheckVerdict } from '../../../../domain/plan/checks.ts'
import type { Recipe } from '../../../../domain/recipe.ts'
import type { DataFiles } from '../../layout/layout.ts'
import type { Repository } from '../../layout/repository.ts'
import type { ReadFile } from '../files/read-content.ts'
import type { Column, Table } from '../files/table.ts'
import { quoteName } from './names.ts'

/** What the checks of the content work on. */
export interface ContentQuestion {
  readonly recipe: Recipe
  readonly repository: Repository
  readonly data: DataFiles
  readonly files: readonly ReadFile[]
}

/** Something that is wrong with the data: `refused` where AutoTrain certainly fails, else `warned`. */
export interface Problem {
  readonly verdict: Extract<CheckVerdict, 'refused' | 'warned'>
  /** What is wrong and what to do, as one sentence. */
  readonly advice: string
}

/** AutoTrain certainly fails. */
export const fatal = (advice: string): Problem => ({ verdict: 'refused', advice })

/** Worth a look. */
export const doubtful = (advice: string): Problem => ({ verdict: 'warned', advice })

/** A file that could be read. */
export interface ReadTable {
  readonly file: ReadFile
  readonly table: Table
}

/** The files that could be read, of one part or of all. */
export function tablesOf({ files }: Pick<ContentQuestion, 'files'>, part?: ReadFile['part']): ReadTable[] {
  return files.flatMap((file) =>
    file.reading.state === 'read' && (part === undefined || file.part === part)
      ? [{ file, table: file.reading.table }]
      : [],
  )
}

/** A number of rows, columns and the like in words. */
export function countInWords(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

/** A path of the data, or a general word where it must not be shown. */
export function pathOf({ repository }: ContentQuestion, { path, part }: ReadFile): string {
  const general = { train: 'a file of the training split', valid: 'a file of the validation split' }
  return repository.isPublic ? path : part === 'other' ? 'a file of another split' : general[part]
}

/** A column of a file that was read. */
export interface ColumnAt {
  readonly question: ContentQuestion
  readonly read: ReadTable
  readonly column: Column
}

/** A column and its file, in a sentence. */
export function placeOf({ question, read, column }: ColumnAt): string {
  return `the column ${column.name} of ${pathOf(question, read.file)}`
}

/** A name from the data in quotes, or a general word where it must not be shown. */
export function nameOf({ repository }: ContentQuestion, name: string, general: string): string {
  return repository.isPublic ? quoteName(name) : general
}

/**
 * Makes a check of the problems that were found.
 *
 * @param options.found what was found where nothing is wrong; null where it could not be seen
 */
export function checkOf(
  { id, title }: Pick<Check, 'id' | 'title'>,
  { problems, found }: { problems: readonly Problem[]; found: string | null },
): Check {
  const worst = problems.find(({ verdict }) => verdict === 'refused') ?? problems[0]
  if (worst !== undefined) {
    const word = worst.verdict === 'refused' ? 'AutoTrain would fail' : 'worth a look'
    return { id, title, found: word, verdict: worst.verdict, advice: worst.advice }
  }
  if (found === null)
    return { id, title, found: 'cannot be seen from here', verdict: 'unknown', advice: null }
  return { id, title, found, verdict: 'passed', advice: null }
}
