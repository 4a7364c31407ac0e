import { downloadFile, listFiles } from '@huggingface/hub'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'

/** Of a card that is longer, the rest is not read, in bytes. */
const maxCardBytes = 200_000

/** The rest of a longer list is not read: a complete model shows before. */
const maxFiles = 10_000

/**
 * The paths of all files of a model, also those in its folders.
 *
 * @param options.model `namespace/name`
 * @returns null when the Hub has no such model, or the token may not see it
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
      accessToken: hub.token,
      hubUrl: hub.url,
      fetch: hub.fetchFor(signal),
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
      accessToken: hub.token,
      hubUrl: hub.url,
      fetch: hub.fetchFor(signal),
    })
    return card === null ? null : await card.slice(0, maxCardBytes).text()
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}
