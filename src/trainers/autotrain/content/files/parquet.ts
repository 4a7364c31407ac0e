import type { FileMetaData, SchemaTree } from 'hyparquet'
// The module alone: the package's entry also brings readers of values, which are not used.
import { parquetMetadata, parquetSchema } from 'hyparquet/src/metadata.js'
import { readFeatures } from './features.ts'
import type { Column, ColumnType, FileReading } from './table.ts'

/** The end of a Parquet file: the length of its footer in 4 bytes, and `PAR1`. */
const tailBytes = 8

/** A number of the footer is at most 10 bytes long, and a text in it rarely longer than this without any ASCII. */
const maxHighRun = 5000

/** How deep the schema is looked into. */
const maxDepth = 6

/**
 * How long the footer of a Parquet file is, with its last eight bytes.
 * https://parquet.apache.org/docs/file-format/
 *
 * @param end the last bytes of the file, at least eight
 * @returns null where it is no Parquet file
 */
export function footerBytes(end: Uint8Array): number | null {
  if (end.length < tailBytes) return null
  const view = new DataView(end.buffer, end.byteOffset + end.length - tailBytes, tailBytes)
  return view.getUint32(4, true) === 0x31524150 ? view.getUint32(0, true) + tailBytes : null
}

/**
 * Reads columns and rows from the footer of a Parquet file; its values are not read.
 *
 * @param end the last bytes of the file, with the whole footer
 */
export function readParquet(end: Uint8Array): FileReading {
  const length = footerBytes(end)
  if (length === null) return { state: 'broken', why: 'is not a Parquet file', fix: 'upload it again' }
  if (length > end.length) return { state: 'unread', why: 'has a footer that is too long to be read' }
  const footer = end.slice(end.length - length)
  if (hasEndlessNumber(footer)) return unreadable
  try {
    const metadata = parquetMetadata(footer, { geoparquet: false })
    return { state: 'read', table: tableOf(metadata) }
  } catch {
    return unreadable
  }
}

const unreadable: FileReading = { state: 'unread', why: 'has a footer that cannot be understood' }

/** The reader takes time that grows with the square of a number's length, so that no footer may have an endless one. */
function hasEndlessNumber(footer: Uint8Array): boolean {
  let run = 0
  return footer.some((byte) => {
    run = byte < 0x80 ? 0 : run + 1
    return run > maxHighRun
  })
}

function tableOf(metadata: FileMetaData) {
  const written = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value
  const features = written === undefined ? null : readFeatures(written)
  const groups = chunksOf(metadata)
  const columns = parquetSchema(metadata).children.map((tree): Column => {
    const { name } = tree.element
    const type = features?.types.get(name) ?? typeOf(tree, 0)
    return { name, type, isMixed: false, counts: null, ...statisticsOf(groups, name) }
  })
  return {
    columns,
    rows: Number(metadata.num_rows),
    isWhole: false,
    doubled: [],
    unknownTypes: features?.unknownTypes ?? [],
  }
}

type Chunks = ReadonlyMap<
  string,
  NonNullable<FileMetaData['row_groups'][number]['columns'][number]['meta_data']>
>

/** What the footer says of the parts of each column, by the column's name; nested ones are left out. */
function chunksOf({ row_groups: groups }: FileMetaData): Chunks[] {
  return groups.map(
    ({ columns }) =>
      new Map(
        columns.flatMap(({ meta_data: data }) =>
          data?.path_in_schema.length === 1 ? [[data.path_in_schema[0] ?? '', data] as const] : [],
        ),
      ),
  )
}

/** Rows without a value, the smallest and the largest number of a column. */
function statisticsOf(groups: readonly Chunks[], name: string): Pick<Column, 'empty' | 'range'> {
  let empty: number | null = 0
  const bounds: unknown[] = []
  for (const chunks of groups) {
    const statistics = chunks.get(name)?.statistics
    const count = statistics?.null_count
    empty = empty === null || count === undefined ? null : empty + Number(count)
    bounds.push(statistics?.min_value, statistics?.max_value)
  }
  const numbers = bounds.map((bound) => (typeof bound === 'bigint' ? Number(bound) : bound))
  const known = numbers.filter((bound) => typeof bound === 'number').toSorted((a, b) => a - b)
  const [min, max] = [known[0], known.at(-1)]
  const isKnown = min !== undefined && max !== undefined && known.length === bounds.length
  return { empty, range: isKnown ? { min, max } : null }
}

function typeOf({ element, children }: SchemaTree, depth: number): ColumnType {
  const { type, converted_type: converted, logical_type: logical } = element
  if (depth > maxDepth) return { is: 'other' }
  if (converted === 'LIST' || logical?.type === 'LIST') {
    const item = children[0]?.children[0] ?? children[0]
    return { is: 'list', of: item === undefined ? { is: 'other' } : typeOf(item, depth + 1) }
  }
  if (children.length > 0) {
    const fields = children.map((child) => [child.element.name, typeOf(child, depth + 1)] as const)
    return { is: 'object', fields: new Map(fields) }
  }
  if (converted === 'UTF8' || logical?.type === 'STRING') return { is: 'text' }
  const isPlain = converted === undefined || /^U?INT_/.test(converted)
  if ((type === 'INT32' || type === 'INT64') && isPlain) return { is: 'integer' }
  if (type === 'FLOAT' || type === 'DOUBLE') return { is: 'float' }
  return { is: type === 'BOOLEAN' ? 'boolean' : 'other' }
}
