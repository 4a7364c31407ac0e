import type { Recipe } from '../../../../domain/recipe.ts'
import { type ColumnRole, columnRoles, type Task } from '../../../../domain/tasks.ts'
import type { Column, ColumnType } from '../files/table.ts'

/** A column that the recipe names, with its role. */
export interface MappedColumn {
  readonly role: string
  readonly column: string
}

/** The columns that a recipe names. A table may have several targets. */
export function mappedColumns({ columnMapping }: Pick<Recipe, 'columnMapping'>): MappedColumn[] {
  return Object.entries(columnMapping).flatMap(([role, value]) =>
    [value].flat().map((column) => ({ role, column })),
  )
}

const labelRoles = ['target_column', 'target_columns', 'tags_column']

/** The columns that hold what a training learns: classes, tags or numbers. */
export function labelColumns(recipe: Pick<Recipe, 'columnMapping'>): MappedColumn[] {
  return mappedColumns(recipe).filter(({ role }) => labelRoles.includes(role))
}

/** The role's name in `column-mapping`. */
export const nameOf = ({ name }: ColumnRole) => name

/** Names that a column of a role usually has, without case and separators. */
const usualNames: Readonly<Record<string, readonly string[]>> = {
  text_column: [
    'text',
    'sentence',
    'content',
    'review',
    'chosen',
    'messages',
    'context',
    'caption',
    'source',
  ],
  target_column: ['label', 'labels', 'target', 'class', 'category', 'score', 'rating', 'summary', 'output'],
  target_columns: ['label', 'target', 'class', 'y'],
  id_column: ['id', 'index', 'rowid'],
  tokens_column: ['tokens', 'words'],
  tags_column: ['tags', 'nertags', 'postags', 'labels'],
  image_column: ['image', 'img', 'picture'],
  objects_column: ['objects'],
  question_column: ['question'],
  answer_column: ['answers', 'answer'],
  rejected_text_column: ['rejected', 'rejectedtext'],
  prompt_text_column: ['prompt', 'question', 'instruction'],
  sentence1_column: ['sentence1', 'anchor', 'premise', 'query', 'question'],
  sentence2_column: ['sentence2', 'positive', 'hypothesis', 'answer'],
  sentence3_column: ['sentence3', 'negative'],
}

const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/**
 * The one mapping that fits a task and the columns of its data: a column is taken for a role if it alone has the right
 * type, or alone among those a usual name.
 *
 * @param options.columns of the training data
 * @returns null where none fits, or several do
 */
export function suggestMapping(options: {
  task: Task
  columns: readonly Pick<Column, 'name' | 'type'>[]
}): Record<string, string> | null {
  const { task, columns } = options
  const mapping: Record<string, string> = {}
  const roles = columnRoles(task).filter(({ takes }) => takes !== 'list')
  const open = new Set(roles.map(nameOf))
  let free = [...columns]
  const take = (role: string, found: readonly Pick<Column, 'name'>[]) => {
    const [only, ...more] = found
    if (only === undefined || more.length > 0) return false
    mapping[role] = only.name
    open.delete(role)
    free = free.filter(({ name }) => name !== only.name)
    return true
  }
  // A usual name takes a column away from the other roles, which may leave a single one for these.
  for (const role of open) {
    const named = free.filter(({ name, type }) => {
      return fits(role, { task, type }) && (usualNames[role] ?? []).includes(plain(name))
    })
    take(role, named)
  }
  for (const role of open) {
    if (role !== 'id_column')
      take(
        role,
        free.filter(({ type }) => fits(role, { task, type })),
      )
  }
  return roles.some(({ name, isRequired }) => isRequired && open.has(name)) ? null : mapping
}

/** Whether a column of a type may have a role. */
function fits(role: string, { task, type }: { task: Task; type: ColumnType }): boolean {
  const { is } = type
  switch (role) {
    case 'image_column':
      return is === 'image'
    case 'objects_column':
      return is === 'object' || is === 'list'
    case 'answer_column':
      return is === 'object' || is === 'text'
    case 'tokens_column':
      return is === 'list' || is === 'text'
    case 'tags_column':
      return is === 'list' || is === 'text'
    case 'id_column':
    case 'target_columns':
      return ['integer', 'float', 'boolean', 'class', 'text'].includes(is)
    case 'target_column':
      return task === 'seq2seq'
        ? is === 'text'
        : ['integer', 'float', 'boolean', 'class', 'text'].includes(is)
    default:
      // Chat templates take lists of messages.
      return is === 'text' || (is === 'list' && task.startsWith('llm'))
  }
}
