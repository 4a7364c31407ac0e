import { type Change, changedFileCount } from '../domain/change/change.ts'
import { shortRevision } from '../domain/revision.ts'
import { formatCount, inWords } from '../domain/text/format.ts'

/**
 * Explains why a revision is not trained whose relevant files are those of an earlier run.
 *
 * @param change against that run's revision; null, or without `from`, where it could not be listed
 * @param options.since the earlier run's revision
 * @param options.link its page
 * @param options.hasPaths whether the recipe sets `paths` in addition to `paths-ignore`
 * @param options.namesFiles whether the sentence may name the dataset's files
 * @returns one sentence
 */
export function irrelevantChangeReason(
  change: Change | null,
  options: { since: string; link: string; hasPaths: boolean; namesFiles: boolean },
): string {
  const since = `since the training on ${shortRevision(options.since)} (${options.link})`
  const total = change === null || change.from === null ? null : changedFileCount(change)
  if (change === null || total === null) return `No relevant file changed ${since}.`
  if (total === 0) return `Nothing changed ${since}.`
  const files = options.namesFiles ? nameFiles(change, total) : formatCount(total, 'file')
  const filters = options.hasPaths ? 'paths and paths-ignore exclude' : 'paths-ignore excludes'
  return `Only ${files} changed ${since}, and ${filters} ${total === 1 ? 'it' : 'them'}.`
}

function nameFiles({ files }: Change, total: number): string {
  const named = files.slice(0, 3).map(({ path }) => path)
  if (total > named.length) return `${named.join(', ')} and ${total - named.length} more`
  return inWords(named)
}
