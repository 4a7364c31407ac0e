import { decodeText } from '../../../../domain/text/decode.ts'
import { readFilePart } from '../../../../hub/file-parts.ts'
import { type Hub, maxPartBytes } from '../../../../hub/hub.ts'
import type { DataFiles } from '../../layout/layout.ts'
import type { Repository } from '../../layout/repository.ts'
import { readCsv } from './csv.ts'
import { readJson } from './json.ts'
import { footerBytes, readParquet } from './parquet.ts'
import type { FileReading } from './table.ts'

/** How many files are read, all at the same time. */
const maxFiles = 4

/** How much of a file of text is read. */
const textBytes = 1024 * 1024

/** How much of the end of a Parquet file is read first, which holds most footers whole. */
const tailBytes = 64 * 1024

/** What the text of a file that was not uploaded begins with. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const pointer = 'version https://git-lfs.github.com/spec/v1'

/** A file of the training data that was looked into. */
export interface ReadFile {
  readonly path: string
  /** Which split of the recipe it belongs to. `other`: to one that is prepared, but not trained on. */
  readonly part: 'train' | 'valid' | 'other'
  readonly reading: FileReading
}

/**
 * The files that tell most of the data: the first ones of both splits, the last one of the training split, one more.
 *
 * @returns at most four
 */
function filesToRead({ train, valid, others }: DataFiles): Pick<ReadFile, 'path' | 'part'>[] {
  const first = [
    { paths: train.slice(0, 1), part: 'train' },
    { paths: (valid ?? []).slice(0, 1), part: 'valid' },
    { paths: train.slice(1).slice(-1), part: 'train' },
    { paths: others.slice(0, 1), part: 'other' },
    { paths: (valid ?? []).slice(1).slice(-1), part: 'valid' },
  ] as const
  const files = first.flatMap(({ paths, part }) => paths.map((path) => ({ path, part })))
  return files
    .filter(({ path }, index) => files.findIndex((other) => other.path === path) === index)
    .slice(0, maxFiles)
}

/**
 * Looks into the files of a training's data at a revision: the first MiB of text, the footers of Parquet. At most four
 * files are read, at the same time. A file that cannot be read is `unread`, whatever the cause.
 *
 * @throws only the reason of the signal
 */
export async function readContent(
  hub: Hub,
  options: {
    repository: Repository
    revision: string
    files: DataFiles
    signal: AbortSignal
  },
): Promise<ReadFile[]> {
  const { repository, revision, files, signal } = options
  const { dataset } = repository
  return Promise.all(
    filesToRead(files).map(async ({ path, part }) => {
      const size = repository.bytes.get(path) ?? 0
      const source: Source = {
        size,
        async read(start, end) {
          const part = await readFilePart(hub, { dataset, revision, path, range: { start, end }, signal })
          // The page of a proxy is not the file: only bytes of the revision may refuse it.
          if (part.length !== end - start) throw new Error('The Hub answered with a part of another length.')
          return part
        },
      }
      const reading = await readFile(source, files).catch((): FileReading => {
        signal.throwIfAborted()
        return { state: 'unread', why: 'could not be read from the Hub' }
      })
      return { path, part, reading }
    }),
  )
}

interface Source {
  readonly size: number
  /** Reads from the byte `start` to before the byte `end`. */
  read(start: number, end: number): Promise<Uint8Array>
}

async function readFile(source: Source, files: DataFiles): Promise<FileReading> {
  if (source.size === 0) return { state: 'broken', why: 'is empty', fix: 'add rows' }
  if (files.format === 'parquet') return readParquetFile(source)
  if (!['csv', 'tsv', 'json'].includes(files.format)) {
    return { state: 'unread', why: 'has a format that is not looked into' }
  }
  if (files.hasReaderSettings) {
    return { state: 'unread', why: 'is read by settings of the dataset card, which are not followed here' }
  }
  const bytes = await source.read(0, Math.min(source.size, textBytes))
  return readText(bytes, { isWhole: bytes.length >= source.size, files })
}

function readText(
  bytes: Uint8Array,
  { isWhole, files }: { isWhole: boolean; files: DataFiles },
): FileReading {
  const { by, format } = files
  // Compressed files keep the ending of what they hold: `train.csv.gz`.
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return { state: 'unread', why: 'is compressed' }
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const decoded = decodeText(isWhole ? bytes : wholeLines(bytes))
  if (!decoded.isText) {
    return {
      state: 'broken',
      why: `is ${decoded.found}, which AutoTrain does not read`,
      fix: 'save it as UTF-8',
    }
  }
  const { text } = decoded
  if (text.startsWith(pointer)) return lfsPointer
  if (format !== 'json') return readCsv(text, { separator: format === 'tsv' ? '\t' : ',', isWhole })
  if (hasMark && (by === 'autotrain' || text.trimStart().startsWith('['))) {
    return { state: 'broken', why: 'begins with a byte-order mark', fix: 'save it without, as JSON must be' }
  }
  return readJson(text, { by, isWhole })
}

const lfsPointer: FileReading = {
  state: 'broken',
  why: 'is a pointer of Git LFS, not the data',
  fix: 'upload the file itself, with git lfs or the Hub client',
}

/** Cuts the beginning of a file after its last line that is complete. */
function wholeLines(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1)
}

async function readParquetFile({ size, read }: Source): Promise<FileReading> {
  const start = Math.max(0, size - tailBytes)
  const end = await read(start, size)
  if (new TextDecoder().decode(end.subarray(0, pointer.length)) === pointer) return lfsPointer
  const needed = footerBytes(end)
  if (needed === null || needed <= end.length || needed > maxPartBytes || needed > size)
    return readParquet(end)
  return readParquet(await read(size - needed, size))
}
