import * as z from 'zod/mini'
import { HttpError } from '../../../http/errors.ts'
import type { Hub } from '../../hub.ts'
import { modelPath } from '../models.ts'

/** A tag of a model. */
export interface ModelTag {
  readonly name: string
  /** The commit that it points at. */
  readonly commit: string
}

const refsSchema = z.object({ tags: z.array(z.object({ name: z.string(), targetCommit: z.string() })) })

/**
 * Lists the tags of a model. https://huggingface.co/docs/hub/api#get-apimodelsrepoidrefs
 *
 * @param options.model `namespace/name`
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function listModelTags(
  hub: Hub,
  { model, signal }: { model: string; signal?: AbortSignal | undefined },
): Promise<ModelTag[]> {
  const path = `${modelPath(model)}/refs`
  const { tags } = await hub.api.call({ method: 'GET', path, answer: refsSchema, signal })
  return tags.map(({ name, targetCommit }) => ({ name, commit: targetCommit }))
}

/**
 * Creates a tag of a model. One that is there is never moved.
 * https://huggingface.co/docs/hub/api#post-apimodelsrepoidtagrev
 *
 * @param options.model `namespace/name`
 * @param options.commit a full sha
 * @returns `exists` when the model has a tag of that name, wherever it points
 * @throws HttpError or NoAnswerError when the Hub refuses it or gives no clear answer
 */
export async function createModelTag(
  hub: Hub,
  options: { model: string; tag: string; commit: string; message: string; signal?: AbortSignal | undefined },
): Promise<'created' | 'exists'> {
  const { model, tag, commit, message, signal } = options
  const path = `${modelPath(model)}/tag/${encodeURIComponent(commit)}`
  try {
    await hub.api.call({ method: 'POST', path, body: { tag, message }, answer: null, signal })
    return 'created'
  } catch (error) {
    if (error instanceof HttpError && error.status === 409) return 'exists'
    throw error
  }
}
