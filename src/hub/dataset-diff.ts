import { listFiles } from '@huggingface/hub'
import { type Change, type FileChange, maxListedFiles } from '../domain/change.ts'
import type { Hub } from './hub.ts'

interface FileVersion {
  readonly content: string
  readonly bytes: number
}

/**
 * Compares two revisions file by file, by their recursive listings, so that all commits in between count together.
 * Pages are read as a stream; only path and content id of the older revision's files are kept in memory.
 * https://huggingface.co/docs/hub/api#get-apidatasetsrepoidtreerevisionpath
 *
 * @param options.from the older revision; null compares with an empty dataset
 * @param options.isRelevant whether a change of this file should start a run
 * @throws HttpError or NoAnswerError when a listing fails
 */
export async function changeBetween(
  hub: Hub,
  options: {
    dataset: string
    from: string | null
    to: string
    isRelevant: (path: string) => boolean
    signal: AbortSignal
  },
): Promise<Change> {
  const { dataset, from, to, isRelevant, signal } = options
  const before = new Map<string, FileVersion>()
  if (from !== null) {
    for await (const { path, ...version } of filesAt(hub, { dataset, revision: from, signal })) {
      before.set(path, version)
    }
  }
  const tally = createTally(isRelevant)
  for await (const { path, content, bytes } of filesAt(hub, { dataset, revision: to, signal })) {
    const old = before.get(path)
    before.delete(path)
    if (old === undefined) tally.add(path, 'added', bytes)
    else if (old.content !== content) tally.add(path, 'changed', bytes)
  }
  for (const [path, { bytes }] of before) tally.add(path, 'removed', bytes)
  return { from, ...tally.result() }
}

async function* filesAt(hub: Hub, options: { dataset: string; revision: string; signal: AbortSignal }) {
  const { dataset, revision, signal } = options
  const entries = listFiles({
    repo: { type: 'dataset', name: dataset },
    revision,
    recursive: true,
    ...hub.access(signal),
  })
  for await (const { type, path, oid, size, lfs } of entries) {
    // For a file in LFS, `oid` is the id of the pointer, not of the content.
    if (type === 'file') yield { path, content: lfs?.oid ?? oid ?? '', bytes: size }
  }
}

function createTally(isRelevant: (path: string) => boolean) {
  const counts = {
    added: { files: 0, bytes: 0 },
    changed: { files: 0, bytes: 0 },
    removed: { files: 0, bytes: 0 },
  }
  const files: { path: string; change: FileChange; bytes: number }[] = []
  let relevant = 0
  return {
    add(path: string, change: FileChange, bytes: number): void {
      counts[change].files += 1
      counts[change].bytes += bytes
      if (isRelevant(path)) relevant += 1
      if (files.length < maxListedFiles) files.push({ path, change, bytes })
    },
    result: () => ({ counts, files, relevant }),
  }
}
