import type { DataFacts } from '../data.ts'
import { cutText } from '../text/cut.ts'
import { inWords } from '../text/format.ts'
import { classFolders, isPacked, isText } from './class-folders.ts'
import { formatClasses } from './totals.ts'

/** One side of a comparison: the facts about the relevant files, and their paths where they were listed. */
export interface DataSide {
  readonly facts: DataFacts
  /** Null where only the facts are known, from the record of an earlier training. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[] | null
}

/** What was lost between two revisions. */
export interface Shrinkage {
  /** Each as the subject of a sentence, with a share in percent: "77% of the bytes". Names are untrusted. */
  readonly losses: readonly string[]
  /** What could not be compared, in a few words each. */
  readonly unknown: readonly string[]
}

/** Cutting the same rows into other shards moves the size by less than this, in percent. */
const packingTolerance = 10

const maxNamedClasses = 5
const maxNameLength = 40

/**
 * Compares the totals of two revisions. Paths do not count: a moved folder keeps its classes, and Parquet that was cut
 * into other shards keeps its size.
 *
 * @param options.maxRemoved in percent; more than this is a loss
 * @param options.namesClasses whether the result may name classes
 */
export function findShrinkage(options: {
  before: DataSide
  after: DataSide & { readonly files: NonNullable<DataSide['files']> }
  maxRemoved: number
  namesClasses: boolean
}): Shrinkage {
  const { before, after, maxRemoved, namesClasses } = options
  const losses: string[] = []
  const unknown: string[] = []
  const isPackedNow = after.facts.packed === true
  const rows = rowCounts(before.facts, after.facts)
  const compare = (what: string, then: number, now: number, limit: number) => {
    const removed = then > 0 ? ((then - now) / then) * 100 : 0
    if (removed > limit) losses.push(`${percent(removed)} of the ${what}`)
  }

  if (rows !== null) compare('rows', rows.before, rows.now, maxRemoved)
  if (rows !== null && isPackedNow) {
    // Another compression is no removal.
  } else if (isPackedNow && mayCompress(before)) {
    unknown.push('the sizes: the files were packed')
  } else {
    const tolerance = isPackedNow && before.facts.packed !== false ? packingTolerance : 0
    compare('bytes', before.facts.bytes, after.facts.bytes, Math.max(maxRemoved, tolerance))
  }
  if (!isPackedNow && before.facts.packed === false) {
    compare('files', before.facts.files, after.facts.files, maxRemoved)
  }

  const gone = goneClasses(before, after)
  if (gone === null) unknown.push('the classes')
  else if (gone.count > 0) losses.push(describeGone(gone, namesClasses))
  return { losses, unknown }
}

function rowCounts(before: DataFacts, after: DataFacts): { before: number; now: number } | null {
  return before.rows == null || after.rows == null ? null : { before: before.rows, now: after.rows }
}

/** Whether the files of a side that is not packed are text, which a packed format compresses; true where not known. */
function mayCompress({ facts, files }: DataSide): boolean {
  if (facts.packed === true) return false
  if (files === null) return true
  const text = files.reduce((sum, { path, bytes }) => sum + (isText(path) ? bytes : 0), 0)
  return text > facts.bytes / 2
}

interface Gone {
  readonly count: number
  /** Empty where only their number is known. */
  readonly names: readonly string[]
}

/** @returns null where the classes of one side cannot be seen */
function goneClasses(
  before: DataSide,
  { facts, files }: { facts: DataFacts; files: readonly { path: string }[] },
): Gone | null {
  // Classes that were packed are columns of the files.
  if (before.facts.classCount > 0 && facts.classCount === 0 && files.some(({ path }) => isPacked(path)))
    return null
  const names = classNames(before)
  if (names !== null) {
    const present = everyFolder(files)
    const gone = names.filter((name) => !present.has(name))
    return { count: gone.length, names: gone }
  }
  // An older version counted other folders as classes.
  if (before.facts.packed === undefined) return null
  return { count: Math.max(0, before.facts.classCount - facts.classCount), names: [] }
}

function classNames({ facts, files }: DataSide): readonly string[] | null {
  if (files !== null) return [...classFolders(files.map(({ path }) => path)).keys()]
  return facts.classes === null ? null : Object.keys(facts.classes)
}

/** The names of all folders and archives, at any depth: a class that was moved is still there. */
function everyFolder(files: readonly { readonly path: string }[]): ReadonlySet<string> {
  const names = new Set<string>()
  const seen = new Set<string>()
  for (const { path } of files) {
    const end = path.lastIndexOf('/')
    const folder = path.slice(0, Math.max(0, end))
    if (isPacked(path))
      names.add(
        path
          .slice(end + 1)
          .replace(/\..*$/, '')
          .normalize('NFC'),
      )
    if (seen.has(folder)) continue
    seen.add(folder)
    for (const name of folder.split('/')) names.add(name.normalize('NFC'))
  }
  return names
}

function describeGone({ count, names }: Gone, namesClasses: boolean): string {
  if (!namesClasses || names.length === 0) return formatClasses(count)
  const shown = names.slice(0, maxNamedClasses).map(quoted)
  const rest = names.length > shown.length ? [`${names.length - shown.length} more`] : []
  return `the ${count === 1 ? 'class' : 'classes'} ${inWords([...shown, ...rest])}`
}

function quoted(name: string): string {
  return `"${cutText(name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '), maxNameLength)}"`
}

/** One decimal is enough, but never so few that it reads as nothing. */
function percent(share: number): string {
  if (share >= 100) return 'all'
  return share < 0.1 ? 'less than 0.1%' : `${Number(share.toFixed(1))}%`
}
