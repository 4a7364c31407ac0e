import { createHash } from 'node:crypto'
import { classFolders, isPacked } from '../domain/change/class-folders.ts'
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
  const paths: string[] = []
  let bytes = 0
  let packedBytes = 0
  for (const file of files) {
    if (!isRelevant(file.path)) continue
    lines.push(JSON.stringify([file.path, file.content]))
    paths.push(file.path)
    bytes += file.bytes
    if (isPacked(file.path)) packedBytes += file.bytes
  }
  const classes = classFolders(paths)
  return {
    digest: sha256(lines.sort().join('\n')),
    rules: rulesDigest(rules),
    files: lines.length,
    bytes,
    classes: namesClasses && isSmall(classes) ? Object.fromEntries(classes) : null,
    classCount: classes.size,
    packed: packedBytes > bytes / 2,
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

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
