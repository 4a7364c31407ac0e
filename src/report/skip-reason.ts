import { type Change, changedFiles } from '../domain/change.ts'
import { shortRevision } from '../domain/revision.ts'

/**
 * Says why a change is not worth a run.
 *
 * @param change one without a relevant file
 * @param options.hasPaths whether the recipe has `paths` beside `paths-ignore`
 * @param options.namesFiles whether the place may name the dataset's files
 */
export function whyNotWorthARun(change: Change, options: { hasPaths: boolean; namesFiles: boolean }): string {
  const since =
    change.from === null ? '' : ` since ${shortRevision(change.from)}, the last revision with a run`
  const total = changedFiles(change)
  if (total === 0) return `Nothing changed${since}.`
  const rule = options.hasPaths ? 'paths and paths-ignore leave out' : 'paths-ignore leaves out'
  const what = options.namesFiles ? nameFiles(change, total) : total === 1 ? 'one file' : `${total} files`
  return `Only ${what} changed${since}, which ${rule}.`
}

function nameFiles({ files }: Change, total: number): string {
  const named = files.slice(0, 3).map(({ path }) => path)
  if (total > named.length) return `${named.join(', ')} and ${total - named.length} more`
  return named.length < 2 ? named.join('') : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`
}
