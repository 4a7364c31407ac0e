import { createHash } from 'node:crypto'
import type { CodeFile } from '../../domain/plan/code.ts'
import type { Hub } from '../hub.ts'
import { listModelVersion } from './publish/version.ts'

/**
 * Whether a folder of a model has exactly these files at a commit. Contents are compared by their hashes, so that
 * nothing is downloaded.
 *
 * @param options.folder a name without a slash
 * @param options.files with the folder in their paths
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function hasSameFiles(
  hub: Hub,
  options: {
    model: string
    revision: string
    folder: string
    files: readonly CodeFile[]
    signal: AbortSignal
  },
): Promise<boolean> {
  const { model, revision, folder, files, signal } = options
  const missing = new Map(files.map(({ path, content }) => [path, content]))
  for (const { path, content: there, isLfs } of await listModelVersion(hub, { model, revision, signal })) {
    if (!path.startsWith(`${folder}/`)) continue
    const content = missing.get(path)
    if (content === undefined || there !== (isLfs ? sha256(content) : blobId(content))) return false
    missing.delete(path)
  }
  return missing.size === 0
}

/** The id that git gives a content. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
export function blobId(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.byteLength}\0`).update(content).digest('hex')
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
