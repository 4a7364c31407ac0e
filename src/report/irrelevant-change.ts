import { type Change, changedFileCount } from '../domain/change.ts'
import { formatCount } from '../domain/format.ts'
import { shortRevision } from '../domain/revision.ts'

/**
 * Explains why a change starts no training: nothing changed, or the path filters exclude every changed file.
 *
 * @param change one without a relevant file
 * @param options.hasPaths whether the recipe sets `paths` in addition to `paths-ignore`
 * @param options.namesFiles whether the sentence may name the dataset's files
 * @returns one sentence
 */
export function irrelevantChangeReason(
  change: Change,
  options: { hasPaths: boolean; namesFiles: boolean },
): string {
  const since =
    change.from === null ? '' : ` since ${shortRevision(change.from)}, the last revision with a run`
  const total = changedFileCount(change)
  if (total === 0) return `Nothing changed${since}.`
  const files = options.namesFiles ? nameFiles(change, total) : formatCount(total, 'file')
  const filters = options.hasPaths ? 'paths and paths-ignore exclude' : 'paths-ignore excludes'
  return `Only ${files} changed${since}, and ${filters} ${total === 1 ? 'it' : 'them'}.`
}

function nameFiles({ files }: Change, total: number): string {
  const named = files.slice(0, 3).map(({ path }) => path)
  if (total > named.length) return `${named.join(', ')} and ${total - named.length} more`
  return named.length < 2 ? named.join('') : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`
}
