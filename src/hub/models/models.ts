import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'

/**
 * Whether a model exists and the token may see it.
 *
 * @param options.model `namespace/name`
 */
export async function modelExists(
  hub: Hub,
  options: { model: string; signal?: AbortSignal | undefined },
): Promise<boolean> {
  try {
    const path = `/api/models/${options.model.split('/').map(encodeURIComponent).join('/')}`
    await hub.api.call({ method: 'GET', path, answer: null, signal: options.signal })
    return true
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return false
    throw error
  }
}
