import { listFiles } from '@huggingface/hub'
import { type Change, type FileChange, maxListedFiles } from '../domain/change.ts'
import type { Hub } from './hub.ts'

interface FileVersion {
  readonly content: string
  readonly bytes: number
}

/**
 * Compares two revisions file by file, through their recursive listings: a commit that changes data and one that
 * changes the card right after it must not hide each other. Pages are read as a stream; kept are the path and the
 * content's id of each file of the older revision.
 * https://huggingface.co/docs/hub/api#get-apidatasetsrepoidtreerevisionpath
 *
 * @param options.from null: against nothing
 * @param options.isRelevant whether a change of this file is worth a run
 * @throws HttpError or NoAnswerError when a listing cannot be had
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
    // Of a file in LFS `oid` is the pointer's; its content has an id of its own.
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
