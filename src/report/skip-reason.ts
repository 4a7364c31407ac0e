import { type Change, changedFiles } from '../domain/change.ts'
import { shortRevision } from '../domain/revision.ts'

/**
 * Says why a revision is not trained whose relevant files are those of an earlier run.
 *
 * @param change against that run's revision; null, or without `from`, where it could not be listed
 * @param options.since the earlier run's revision
 * @param options.link its page
 * @param options.hasPaths whether the recipe has `paths` beside `paths-ignore`
 * @param options.namesFiles whether the place may name the dataset's files
 */
export function whyUnchanged(
  change: Change | null,
  options: { since: string; link: string; hasPaths: boolean; namesFiles: boolean },
): string {
  const since = `since ${shortRevision(options.since)}, which was trained: ${options.link}`
  const total = change === null || change.from === null ? null : changedFiles(change)
  if (change === null || total === null) return `No relevant file changed ${since}.`
  if (total === 0) return `Nothing changed ${since}.`
  const rule = options.hasPaths ? 'paths and paths-ignore leave out' : 'paths-ignore leaves out'
  const what = options.namesFiles ? nameFiles(change, total) : total === 1 ? 'one file' : `${total} files`
  return `Only ${what} changed, which ${rule}, ${since}.`
}

function nameFiles({ files }: Change, total: number): string {
  const named = files.slice(0, 3).map(({ path }) => path)
  if (total > named.length) return `${named.join(', ')} and ${total - named.length} more`
  return named.length < 2 ? named.join('') : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`
}
