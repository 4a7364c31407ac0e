import * as z from 'zod/mini'
import type { Visibility } from '../../domain/visibility.ts'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'

/** A model as the Hub shows it now. */
export interface ModelAt {
  /** The newest commit of its main branch; null where the Hub does not say. */
  readonly head: string | null
  readonly visibility: Visibility
}

const modelSchema = z.object({
  sha: z.optional(z.nullable(z.string())),
  private: z.optional(z.boolean()),
})

/**
 * Looks a model up.
 *
 * @param options.model `namespace/name`, or a name without namespace
 * @returns null when there is none that the token may see
 */
export async function findModel(
  hub: Hub,
  options: { model: string; signal?: AbortSignal | undefined },
): Promise<ModelAt | null> {
  try {
    const path = modelPath(options.model)
    const found = await hub.api.call({ method: 'GET', path, answer: modelSchema, signal: options.signal })
    const visibility = found.private === undefined ? 'unknown' : found.private ? 'private' : 'public'
    return { head: found.sha ?? null, visibility }
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}

/** A commit of a model. */
export interface ModelCommit {
  readonly id: string
  /** The first line of its message. Untrusted. */
  readonly title: string
}

const commitsSchema = z.array(z.object({ id: z.string(), title: z.string() }))

/**
 * Reads the newest commit of a model's main branch.
 * https://huggingface.co/docs/hub/api#get-apimodelsrepoidcommitsrev
 *
 * @param options.model `namespace/name`
 * @returns null when there is no such model that the token may see, or it has no commit
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function newestModelCommit(
  hub: Hub,
  options: { model: string; signal?: AbortSignal | undefined },
): Promise<ModelCommit | null> {
  const path = `${modelPath(options.model)}/commits/main?limit=1`
  try {
    const [newest] = await hub.api.call({
      method: 'GET',
      path,
      answer: commitsSchema,
      signal: options.signal,
    })
    return newest ?? null
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}

function modelPath(model: string): string {
  return `/api/models/${model.split('/').map(encodeURIComponent).join('/')}`
}
