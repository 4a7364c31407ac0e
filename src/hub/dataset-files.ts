import { listFiles } from '@huggingface/hub'
import type { FileVersion } from '../domain/data.ts'
import type { Hub } from './hub.ts'

/**
 * The files of a dataset at a commit, by its recursive listing, page by page; each commit is listed once. Kept are the
 * path, the id of the content and the size of each file.
 * https://huggingface.co/docs/hub/api#get-apidatasetsrepoidtreerevisionpath
 *
 * @param options.revision a full sha, whose files never change
 * @throws HttpError, NoAnswerError, or Error when the listing fails
 */
export function listDatasetFiles(
  hub: Hub,
  options: { dataset: string; revision: string; signal: AbortSignal },
): Promise<readonly FileVersion[]> {
  return hub.once(`files ${options.dataset} ${options.revision}`, () => list(hub, options))
}

async function list(
  hub: Hub,
  { dataset, revision, signal }: { dataset: string; revision: string; signal: AbortSignal },
): Promise<FileVersion[]> {
  const entries = listFiles({
    repo: { type: 'dataset', name: dataset },
    revision,
    recursive: true,
    ...hub.access(signal),
  })
  const files: FileVersion[] = []
  for await (const { type, path, oid, size, lfs } of entries) {
    if (!isEntry(type, path)) throw new Error("The Hub's list of files has an unknown form.")
    // Of a file in LFS `oid` is the pointer's; its content has an id of its own.
    if (type === 'file') files.push({ path, content: lfs?.oid ?? oid ?? '', bytes: size })
  }
  return files
}

/** The client returns the Hub's values unchecked, and files that are left out would look as if they were removed. */
function isEntry(type: unknown, path: unknown): boolean {
  return typeof type === 'string' && typeof path === 'string'
}
