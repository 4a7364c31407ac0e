/** What a column holds, as far as it can be told. */
export type ColumnType =
  | { readonly is: 'text' | 'integer' | 'float' | 'boolean' | 'image' | 'other' | 'empty' }
  /** A ClassLabel, with the names of its classes. */
  | { readonly is: 'class'; readonly names: readonly string[] }
  | { readonly is: 'list'; readonly of: ColumnType }
  | { readonly is: 'object'; readonly fields: ReadonlyMap<string, ColumnType> }

/** A column of a file. */
export interface Column {
  readonly name: string
  readonly type: ColumnType
  /** Whether some of its values are text and others numbers. */
  readonly isMixed: boolean
  /** How many of the rows that were read have no value; null where that is not known. */
  readonly empty: number | null
  /** How many of the rows that were read have which value; null where values were not read. */
  readonly counts: ReadonlyMap<string, number> | null
  /** The smallest and the largest number, of all rows; null where that is not known. */
  readonly range: { readonly min: number; readonly max: number } | null
}

/** What was read of a file of the training data. */
export interface Table {
  readonly columns: readonly Column[]
  /** How many rows the file has; null where it was not read to its end. */
  readonly rows: number | null
  /** Whether all values were read, not only those of the first rows. */
  readonly isWhole: boolean
  /** Names that several columns have. */
  readonly doubled: readonly string[]
  /** Feature types that the library of AutoTrain does not know, such as those of a newer one. */
  readonly unknownTypes: readonly string[]
}

/** What came of the attempt to read a file. */
export type FileReading =
  | { readonly state: 'read'; readonly table: Table }
  /** AutoTrain cannot read it. `why` continues a sentence after the file's name, `fix` says what to do. */
  | { readonly state: 'broken'; readonly why: string; readonly fix: string }
  /** Nothing can be told. `why` continues a sentence after the file's name. */
  | { readonly state: 'unread'; readonly why: string }

/** How many values a table may have; the time to look at more is not worth it. */
const maxValues = 20_000_000

/** Whether a table has more columns and rows than are worth the time to look at. */
export function isTooWide(names: readonly unknown[], rows: readonly unknown[]): boolean {
  return names.length * rows.length > maxValues
}

/** What came of a file that has more columns than are worth the time to look at. */
export const tooWide: FileReading = { state: 'unread', why: 'has too many columns to be checked' }

/** One value of a row: text and numbers as text, or what is neither. */
export type Value =
  | { readonly is: 'text' | 'integer' | 'float' | 'boolean'; readonly text: string }
  | { readonly is: 'empty' }
  | { readonly is: 'nested'; readonly type: ColumnType }

/**
 * Makes columns of the values that were read.
 *
 * @param options.names of the columns, without doubles
 * @param options.valuesOf all values of a column that were read
 */
export function columnsOf(options: {
  names: readonly string[]
  valuesOf: (name: string) => readonly Value[]
}): Column[] {
  return options.names.map((name) => columnOf(name, options.valuesOf(name)))
}

function columnOf(name: string, values: readonly Value[]): Column {
  const counts = new Map<string, number>()
  const kinds = new Set<'text' | 'integer' | 'float' | 'boolean'>()
  let empty = 0
  let nested: ColumnType | null = null
  for (const value of values) {
    if (value.is === 'empty') empty += 1
    else if (value.is === 'nested') nested ??= value.type
    else {
      kinds.add(value.is)
      counts.set(value.text, (counts.get(value.text) ?? 0) + 1)
    }
  }
  const type = nested ?? scalarType(kinds)
  const isMixed = kinds.has('text') && kinds.size > 1
  return { name, type, isMixed, empty, counts: nested === null ? counts : null, range: null }
}

function scalarType(kinds: ReadonlySet<string>): ColumnType {
  if (kinds.size === 0) return { is: 'empty' }
  if (kinds.has('text')) return { is: 'text' }
  if (kinds.has('boolean')) return { is: kinds.size === 1 ? 'boolean' : 'text' }
  return { is: kinds.has('float') ? 'float' : 'integer' }
}

/** A column by its name; null where the table has none. */
export function columnNamed({ columns }: Table, name: string): Column | null {
  return columns.find((column) => column.name === name) ?? null
}
