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
