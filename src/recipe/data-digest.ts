import { createHash } from 'node:crypto'
import type { DataFacts, FileVersion } from '../domain/data.ts'
import { globMeaning } from './paths.ts'

/**
 * The facts about the relevant files of a revision.
 *
 * @param files of the revision, in any order
 * @param options.isRelevant the recipe's path rule
 * @param options.rules the globs that the rule was made of
 * @param options.namesClasses whether class names may be written where the facts go
 */
export function dataFacts(
  files: Iterable<FileVersion>,
  options: {
    isRelevant: (path: string) => boolean
    rules: { paths: readonly string[]; pathsIgnore: readonly string[] }
    namesClasses: boolean
  },
): DataFacts {
  const { isRelevant, rules, namesClasses } = options
  const lines: string[] = []
  const classes = new Map<string, number>()
  let bytes = 0
  for (const file of files) {
    if (!isRelevant(file.path)) continue
    lines.push(JSON.stringify([file.path, file.content]))
    bytes += file.bytes
    const name = classOf(file.path)
    if (name !== null) classes.set(name, (classes.get(name) ?? 0) + 1)
  }
  return {
    digest: sha256(lines.sort().join('\n')),
    rules: rulesDigest(rules),
    files: lines.length,
    bytes,
    classes: namesClasses && isSmall(classes) ? Object.fromEntries(classes) : null,
    classCount: classes.size,
  }
}

/** A digest of path rules: data digests under different rules do not compare. */
export function rulesDigest({
  paths,
  pathsIgnore,
}: {
  readonly paths: readonly string[]
  readonly pathsIgnore: readonly string[]
}): string {
  return sha256(JSON.stringify([paths.map(globMeaning), pathsIgnore.map(globMeaning)]))
}

/** More folders than a person gives classes are no classes, and would bloat the record. */
const maxClasses = 200
const maxClassBytes = 16_000

function isSmall(classes: ReadonlyMap<string, number>): boolean {
  return classes.size <= maxClasses && Buffer.byteLength(JSON.stringify([...classes.keys()])) <= maxClassBytes
}

/**
 * `train/cat/1.jpg` is of the class `cat`: the folder a file lies in, below that of its split. A name that is stored
 * composed in one place and decomposed in another is one class.
 */
function classOf(path: string): string | null {
  const folders = path.split('/').slice(0, -1)
  return folders.length === 2 ? (folders[1]?.normalize('NFC') ?? null) : null
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
