import type { ColumnMapping } from '../domain/recipe.ts'
import { type ColumnRole, columnRoles, type Task } from '../domain/tasks.ts'
import { cutText } from '../domain/text/cut.ts'
import { Refused } from '../domain/verdict.ts'
import { isNoneWord } from './hints/none-words.ts'

/** The longest name of a column, in characters. */
const maxLength = 200

/** The columns that people name in examples, by their roles. */
const exampleColumns: Readonly<Record<string, string>> = {
  answer_column: 'answers',
  id_column: 'id',
  image_column: 'image',
  objects_column: 'objects',
  prompt_text_column: 'prompt',
  question_column: 'question',
  rejected_text_column: 'rejected',
  sentence1_column: 'sentence1',
  sentence2_column: 'sentence2',
  sentence3_column: 'sentence3',
  tags_column: 'tags',
  target_column: 'label',
  text_column: 'text',
  tokens_column: 'tokens',
}

/** An example of a mapping for a task, as JSON. */
export function exampleMapping(task: Task): string {
  const columns = columnRoles(task)
    .filter(({ isRequired }) => isRequired)
    .map(({ name, takes }) => [name, takes !== 'one' ? ['label'] : (exampleColumns[name] ?? name)])
  return JSON.stringify(Object.fromEntries(columns)).replaceAll(/([:,])(?=["[])/g, '$1 ')
}

/**
 * Checks the columns of a recipe as AutoTrain has them for a task. A role without a column (null) is absent, and a comma
 * is part of a name. A list of one name is that name also where it is a word for none.
 *
 * @param options.given what a file or an input has: any value
 * @param options.place the name of the key, and the file it is in
 * @returns the columns by role; as they are given where they are right already
 * @throws Refused with the roles of the task and an example for it
 */
export function readColumnMapping(given: unknown, options: { task: Task; place: string }): ColumnMapping {
  const { task, place } = options
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new Refused(`${place} must be a map from roles to columns: ${rolesOf(task)}.`)
  }
  const roles = columnRoles(task)
  const mapping: Record<string, string | readonly string[]> = {}
  for (const [name, value] of Object.entries(given)) {
    const role = roles.find((known) => known.name === name)
    if (role === undefined) {
      if (value === null) continue
      const shown = JSON.stringify(cutText(name, 100))
      throw new Refused(`${place}: ${shown} is no role here: ${rolesOf(task)}.`)
    }
    const column = readColumn(value, role)
    if (column.problem !== null) throw new Refused(`${place}: ${name} ${column.problem}`)
    if (column.value !== null) mapping[name] = column.value
  }
  const missing = roles.filter((role) => role.isRequired && mapping[role.name] === undefined)
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ')
    throw new Refused(`${place} lacks ${names}: ${rolesOf(task)}.`)
  }
  return mapping
}

/** The roles of a task, as the end of a sentence. */
function rolesOf(task: Task): string {
  const list = (isRequired: boolean) =>
    columnRoles(task)
      .filter((role) => role.isRequired === isRequired)
      .map(({ name }) => name)
  const optional = list(false)
  const also = optional.length === 0 ? '' : `, and may have ${optional.join(', ')}`
  return `the task ${task} needs ${list(true).join(', ')}${also}, such as ${exampleMapping(task)}`
}

type Column =
  | { readonly value: string | readonly string[] | null; readonly problem: null }
  | { readonly value: null; readonly problem: string }

function readColumn(value: unknown, { takes }: ColumnRole): Column {
  if (value === null) return { value: null, problem: null }
  if (isName(value)) {
    if (takes === 'list') return wrong('must be a list of columns, such as ["label"].')
    if (!isNoneWord(value)) return { value, problem: null }
    const shown = JSON.stringify(value.trim())
    return wrong(
      `is ${shown}, which is not taken as a name: leave it out, or write [${shown}] for a column of that name.`,
    )
  }
  const names = Array.isArray(value) && value.length > 0 && value.every(isName) ? value : null
  if (names === null)
    return wrong(
      `must be ${takes === 'one' ? 'the name of a column' : 'a list of columns, such as ["label"]'}.`,
    )
  if (new Set(names).size < names.length) return wrong('names a column twice.')
  const [only] = names
  if (takes !== 'one') return { value: names, problem: null }
  return names.length === 1 && only !== undefined
    ? { value: only, problem: null }
    : wrong('takes one column, not a list.')
}

const wrong = (problem: string): Column => ({ value: null, problem })

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxLength
}
