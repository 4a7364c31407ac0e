import { createHash } from 'node:crypto'
import { listFiles } from '@huggingface/hub'
import type { CodeFile } from '../../domain/plan/code.ts'
import type { Hub } from '../hub.ts'

/**
 * Whether a folder of a model has exactly these files at a commit. Contents are compared by their hashes, so that
 * nothing is downloaded. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
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
  const entries = listFiles({
    repo: { type: 'model', name: model },
    revision,
    recursive: true,
    ...hub.access(signal),
  })
  for await (const { type, path, oid, lfs } of entries) {
    if (type === 'directory' || !path.startsWith(`${folder}/`)) continue
    const content = missing.get(path)
    if (content === undefined) return false
    if (lfs === undefined ? oid !== blobId(content) : lfs.oid !== sha256(content)) return false
    missing.delete(path)
  }
  return missing.size === 0
}

/** The id that git gives a file. */
function blobId(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.byteLength}\0`).update(content).digest('hex')
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
