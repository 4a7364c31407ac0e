import { downloadFile, listFiles } from '@huggingface/hub'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'

/** The rest of a longer card is ignored, which limits the time to parse it. */
const maxCardBytes = 200_000

/** The rest of a longer list is ignored: a complete model shows before. */
const maxFiles = 10_000

/**
 * Lists the paths of a model's files, also those in its folders.
 *
 * @param options.model `namespace/name`
 * @returns null when the model does not exist or the token may not see it
 */
export async function modelFiles(
  hub: Hub,
  options: { model: string; signal?: AbortSignal | undefined },
): Promise<Set<string> | null> {
  const { model, signal } = options
  const paths = new Set<string>()
  try {
    const entries = listFiles({
      repo: { type: 'model', name: model },
      recursive: true,
      ...hub.access(signal),
    })
    for await (const { type, path } of entries) {
      if (type === 'file') paths.add(path)
      if (paths.size >= maxFiles) break
    }
    return paths
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}

/** A file has more bytes than are read. */
export class FileTooLarge extends Error {
  override readonly name = 'FileTooLarge'
}

/**
 * Reads a small text file of a model at a commit.
 *
 * @param options.revision a full sha, whose files never change
 * @param options.maxBytes larger files are not read
 * @returns the text, which is from outside; null without the file
 * @throws FileTooLarge, HttpError or NoAnswerError
 */
export async function readModelFile(
  hub: Hub,
  options: {
    model: string
    revision: string
    path: string
    maxBytes: number
    signal?: AbortSignal | undefined
  },
): Promise<string | null> {
  const { model, revision, path, maxBytes, signal } = options
  try {
    const repo = { type: 'model', name: model } as const
    const file = await downloadFile({ repo, path, revision, ...hub.access(signal) })
    if (file === null) return null
    if (file.size > maxBytes) throw new FileTooLarge(`${path} is larger than ${maxBytes} bytes.`)
    return await file.text()
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}

/**
 * Reads the card of a model: its `README.md`.
 *
 * @param options.model `namespace/name`
 * @returns the first 200 kB of the card, which is from outside; null without a card
 */
export async function readModelCard(
  hub: Hub,
  options: { model: string; signal?: AbortSignal | undefined },
): Promise<string | null> {
  const { model, signal } = options
  try {
    const card = await downloadFile({
      repo: { type: 'model', name: model },
      path: 'README.md',
      ...hub.access(signal),
    })
    return card === null ? null : await card.slice(0, maxCardBytes).text()
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}
