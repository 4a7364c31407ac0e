import { columnsOf, type FileReading, isTooWide, tooWide, type Value } from './table.ts'

/** What pandas takes for "no value". https://pandas.pydata.org/docs/reference/api/pandas.read_csv.html */
const noValue = new Set(
  ' -1.#IND 1.#QNAN 1.#IND -1.#QNAN #N/A|N/A #N/A N/A n/a NA <NA> #NA NULL null NaN -NaN nan -nan None'
    .split(' ')
    .map((word) => word.replace('|', ' ')),
)

/** A record of a file, with the line on which it begins. */
interface CsvRecord {
  readonly cells: readonly string[]
  readonly line: number
}

/**
 * Reads a table of text as pandas does: quotes around cells, doubled quotes in them, blank lines left out.
 *
 * @param text the file, or its first lines
 * @param options.separator between the cells
 * @param options.isWhole whether the text is the whole file
 */
export function readCsv(
  text: string,
  { separator, isWhole }: { separator: ',' | '\t'; isWhole: boolean },
): FileReading {
  const { records, isOpen } = split(text, { separator, isWhole })
  if (isOpen && isWhole)
    return {
      state: 'broken',
      why: 'has a quotation mark that is never closed',
      fix: 'close it, and double quotation marks inside a cell',
    }
  const [header, ...rows] = records
  if (header === undefined) {
    return isWhole
      ? { state: 'broken', why: 'is empty', fix: 'add rows' }
      : { state: 'unread', why: 'has a first line that is too long to be read' }
  }
  const width = Math.max(header.cells.length, rows[0]?.cells.length ?? 0)
  const long = rows.find(({ cells }) => cells.length > width)
  if (long !== undefined) {
    return {
      state: 'broken',
      why: `has ${long.cells.length} cells on line ${long.line}, but ${width} columns`,
      fix: `put cells that contain ${separator === ',' ? 'a comma' : 'a tab'} into quotation marks`,
    }
  }
  // With more cells than names, pandas takes the first ones for labels of the rows.
  const shift = width - header.cells.length
  const indexes = new Map<string, number>()
  const copies = new Map<string, number>()
  const doubled = new Set<string>()
  for (const [index, cell] of header.cells.entries()) {
    // pandas also gives columns without a name one, and numbers those of the same name.
    const name = cell === '' ? `Unnamed: ${index}` : cell
    const before = copies.get(name) ?? 0
    copies.set(name, before + 1)
    if (before > 0) doubled.add(name)
    const own = before > 0 ? `${name}.${before}` : name
    if (!indexes.has(own)) indexes.set(own, index + shift)
  }
  const names = [...indexes.keys()]
  if (isTooWide(names, rows)) return tooWide
  const valuesOf = (name: string) => {
    const index = indexes.get(name) ?? -1
    return rows.map(({ cells }) => readCell(cells[index] ?? ''))
  }
  const columns = columnsOf({ names, valuesOf })
  const table = {
    columns,
    rows: isWhole ? rows.length : null,
    isWhole,
    doubled: [...doubled],
    unknownTypes: [],
  }
  return { state: 'read', table }
}

function readCell(cell: string): Value {
  if (noValue.has(cell)) return { is: 'empty' }
  const trimmed = cell.trim()
  if (/^[+-]?\d{1,18}$/.test(trimmed)) return { is: 'integer', text: String(BigInt(trimmed)) }
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(trimmed)) {
    return { is: 'float', text: String(Number(trimmed)) }
  }
  return { is: /^(?:true|false)$/i.test(cell) ? 'boolean' : 'text', text: cell }
}

function split(
  text: string,
  { separator, isWhole }: { separator: string; isWhole: boolean },
): { records: CsvRecord[]; isOpen: boolean } {
  const records: CsvRecord[] = []
  let cells: string[] = []
  let cell = ''
  let hasQuotes = false
  let [line, begun] = [1, 1]
  const now: { state: 'start' | 'plain' | 'quoted' | 'closed' } = { state: 'start' }
  const endCell = () => {
    cells.push(cell)
    cell = ''
    now.state = 'start'
  }
  const endRecord = () => {
    endCell()
    const isBlank = cells.length === 1 && !hasQuotes && /^[ \t]*$/.test(cells[0] ?? '')
    if (!isBlank) records.push({ cells, line: begun })
    cells = []
    hasQuotes = false
  }
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    const isEnd = character === '\n' || (character === '\r' && text.charAt(at + 1) !== '\n')
    if (isEnd) line += 1
    if (now.state === 'quoted') {
      if (character === '"') now.state = 'closed'
      else cell += character
    } else if (character === '"' && now.state === 'closed') {
      cell += character
      now.state = 'quoted'
    } else if (character === '"' && now.state === 'start') {
      now.state = 'quoted'
      hasQuotes = true
    } else if (character === separator) {
      endCell()
    } else if (isEnd) {
      endRecord()
      begun = line
    } else if (character !== '\r' || text.charAt(at + 1) !== '\n') {
      cell += character
      now.state = 'plain'
    }
  }
  const isOpen = now.state === 'quoted'
  // The last record of a cut text may be incomplete.
  if (isWhole && !isOpen && (cells.length > 0 || cell !== '' || now.state === 'closed')) endRecord()
  return { records, isOpen }
}
