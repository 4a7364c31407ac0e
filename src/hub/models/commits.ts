import * as z from 'zod/mini'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'
import { modelPath } from './models.ts'

/** A commit of a model. */
export interface ModelCommit {
  readonly id: string
  /** The first line of its message. Untrusted. */
  readonly title: string
}

/** A commit of a model with its whole message. */
export interface WholeCommit extends ModelCommit {
  /** The rest of its message; empty without one. Untrusted. */
  readonly message: string
}

const commitsSchema = z.array(
  z.object({ id: z.string(), title: z.string(), message: z.optional(z.nullable(z.string())) }),
)

/**
 * Reads the newest commits of a model's main branch, the newest first.
 * https://huggingface.co/docs/hub/api#get-apimodelsrepoidcommitsrev
 *
 * @param options.model `namespace/name`
 * @param options.limit how many, from 1 to 1000
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function recentModelCommits(
  hub: Hub,
  { model, limit, signal }: { model: string; limit: number; signal?: AbortSignal | undefined },
): Promise<WholeCommit[]> {
  const path = `${modelPath(model)}/commits/main?limit=${limit}`
  const commits = await hub.api.call({ method: 'GET', path, answer: commitsSchema, signal })
  return commits.map(({ id, title, message }) => ({ id, title, message: message ?? '' }))
}

/**
 * Reads the newest commit of a model's main branch.
 *
 * @param options.model `namespace/name`
 * @returns null when there is no such model that the token may see, or it has no commit
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function newestModelCommit(
  hub: Hub,
  options: { model: string; signal?: AbortSignal | undefined },
): Promise<ModelCommit | null> {
  try {
    const [newest] = await recentModelCommits(hub, { ...options, limit: 1 })
    return newest ? { id: newest.id, title: newest.title } : null
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}
