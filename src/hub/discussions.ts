import * as z from 'zod/mini'
import { HttpError } from '../http/errors.ts'
import type { Hub } from './hub.ts'

/** The Hub's limits, in characters. https://huggingface.co/docs/hub/api#discussions-and-pull-requests */
const titleLimit = 200
const descriptionLimit = 65_536

const createdSchema = z.object({ num: z.int() })

/** A discussion on a dataset. */
export interface Discussion {
  readonly number: number
  readonly url: string
}

/**
 * Opens a discussion on a dataset. It is sent once: when the answer is lost, a second try could leave two.
 *
 * @param options.title cut to the Hub's 200 characters
 * @param options.description Markdown, cut to the Hub's 65,536 characters
 * @throws HttpError whose message says the next step; NoAnswerError
 */
export async function createDiscussion(
  hub: Hub,
  options: { dataset: string; title: string; description: string; signal?: AbortSignal | undefined },
): Promise<Discussion> {
  const { dataset, title, description, signal } = options
  try {
    const { num } = await hub.api.call({
      method: 'POST',
      path: `/api/datasets/${dataset}/discussions`,
      body: { title: title.slice(0, titleLimit), description: description.slice(0, descriptionLimit) },
      answer: createdSchema,
      signal,
    })
    return { number: num, url: `${hub.url}/datasets/${dataset}/discussions/${num}` }
  } catch (error) {
    throw error instanceof HttpError ? withNextStep(error, dataset) : error
  }
}

function withNextStep(error: HttpError, dataset: string): HttpError {
  const step = [401, 403, 404].includes(error.status)
    ? `the token cannot write discussions on ${dataset}: give hf-token the write role, or the fine-grained ` +
      'permission discussion.write on it, or set discussion: off'
    : error.status === 429
      ? 'the Hub limits how many discussions are opened: wait, or set discussion: off'
      : 'see the answer above'
  return error.withNextStep(step)
}
