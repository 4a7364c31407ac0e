import { downloadFile, listFiles } from '@huggingface/hub'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'

/** Of a card that is longer, the rest is not read, in bytes. */
const maxCardBytes = 200_000

/** A folder with more files than this is no model that AutoTrain made. */
const maxFiles = 10_000

/**
 * The names of the files in the top folder of a model.
 *
 * @param options.model `namespace/name`
 * @returns null when the Hub has no such model, or the token may not see it
 */
export async function modelFiles(
  hub: Hub,
  options: { model: string; signal?: AbortSignal | undefined },
): Promise<Set<string> | null> {
  const { model, signal } = options
  const names = new Set<string>()
  try {
    const entries = listFiles({
      repo: { type: 'model', name: model },
      ...hub.access(signal),
    })
    for await (const { type, path } of entries) {
      if (type === 'file') names.add(path)
      if (names.size >= maxFiles) break
    }
    return names
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}

/**
 * The card of a model: its `README.md`.
 *
 * @param options.model `namespace/name`
 * @returns the beginning of the card: from outside; null when there is none
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
