import { type ColumnType, columnsOf, type FileReading, isTooWide, tooWide, type Value } from './table.ts'

/** How deep values are looked into. */
const maxDepth = 6

/** One row: the columns by name. */
type Row = ReadonlyMap<string, unknown>

/**
 * Reads JSON with one object on each line, or what the library `datasets` takes in its place: a list of objects.
 *
 * @param text the file, or its first lines
 * @param options.by who reads it: pandas (AutoTrain itself) takes one object on each line only
 * @param options.isWhole whether the text is the whole file
 */
export function readJson(
  text: string,
  { by, isWhole }: { by: 'autotrain' | 'library'; isWhole: boolean },
): FileReading {
  const start = text.trimStart().charAt(0)
  if (start === '') {
    return isWhole
      ? { state: 'broken', why: 'is empty', fix: 'add rows' }
      : { state: 'unread', why: 'has no text at its start' }
  }
  if (start === '[') return by === 'autotrain' ? arrayOnLine : readList(text, { isWhole })
  if (start !== '{') return { state: 'broken', why: 'is not JSON', fix: linesOnly }
  const lines = readLines(text)
  if (lines.rows !== null) return tableOf(lines.rows, { isWhole })
  const whole = isWhole && by === 'library' ? parse(text) : undefined
  if (isObject(whole)) return tableOf([rowOf(whole)], { isWhole })
  // Python also reads NaN and Infinity; the library also reads objects over several lines.
  if (by === 'library' || /NaN|Infinity/.test(lines.bad.text)) {
    return { state: 'unread', why: `has JSON on line ${lines.bad.line} that cannot be checked` }
  }
  return {
    state: 'broken',
    why: `has no complete JSON object on line ${lines.bad.line}`,
    fix: linesOnly,
  }
}

const linesOnly = 'write one object on each line (JSON Lines)'

const arrayOnLine: FileReading = {
  state: 'broken',
  why: 'is a JSON list, which AutoTrain does not read',
  fix: linesOnly,
}

function readList(text: string, { isWhole }: { isWhole: boolean }): FileReading {
  if (!isWhole) return { state: 'unread', why: 'is a JSON list that is too long to be read' }
  const list = parse(text)
  if (!Array.isArray(list)) return { state: 'unread', why: 'has JSON that cannot be checked' }
  if (list.length === 0) return { state: 'broken', why: 'is an empty list', fix: 'add rows' }
  if (!list.every(isObject)) return { state: 'unread', why: 'is a JSON list of other things than objects' }
  return tableOf(list.map(rowOf), { isWhole })
}

function readLines(text: string): { rows: Row[] } | { rows: null; bad: { line: number; text: string } } {
  const rows: Row[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const value = parse(line)
    if (!isObject(value)) return { rows: null, bad: { line: index + 1, text: line } }
    rows.push(rowOf(value))
  }
  return { rows }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const rowOf = (value: object): Row => new Map(Object.entries(value))

function tableOf(rows: readonly Row[], { isWhole }: { isWhole: boolean }): FileReading {
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))]
  if (isTooWide(names, rows)) return tooWide
  const valuesOf = (name: string) => rows.map((row) => readValue(row.get(name)))
  const columns = columnsOf({ names, valuesOf })
  const count = isWhole ? rows.length : null
  return { state: 'read', table: { columns, rows: count, isWhole, doubled: [], unknownTypes: [] } }
}

function readValue(value: unknown): Value {
  if (value === null || value === undefined) return { is: 'empty' }
  if (typeof value === 'string') return { is: 'text', text: value }
  if (typeof value === 'boolean') return { is: 'boolean', text: value ? 'True' : 'False' }
  if (typeof value === 'number') {
    return { is: Number.isInteger(value) ? 'integer' : 'float', text: String(value) }
  }
  return { is: 'nested', type: typeOf(value, 0) }
}

function typeOf(value: unknown, depth: number): ColumnType {
  if (depth > maxDepth) return { is: 'other' }
  if (Array.isArray(value)) {
    const first = value.find((each) => each !== null)
    return { is: 'list', of: first === undefined ? { is: 'empty' } : typeOf(first, depth + 1) }
  }
  if (isObject(value)) {
    const fields = Object.entries(value).map(([name, inner]) => [name, typeOf(inner, depth + 1)] as const)
    return { is: 'object', fields: new Map(fields) }
  }
  const { is } = readValue(value)
  return { is: is === 'nested' ? 'other' : is }
}
