import { HttpError } from '../../../http/errors.ts'
import type { Hub } from '../../hub.ts'
import { modelPath } from '../models.ts'

/**
 * Asks whether the token may write a model that exists. It says nothing about creating one.
 * https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/hf_api.py (`auth_check`)
 *
 * @param options.model `namespace/name`
 * @returns `hidden` when there is no such model that the token may see
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function checkModelWrite(
  hub: Hub,
  { model, signal }: { model: string; signal?: AbortSignal | undefined },
): Promise<'yes' | 'no' | 'hidden'> {
  try {
    await hub.api.call({ method: 'GET', path: `${modelPath(model)}/auth-check/write`, answer: null, signal })
    return 'yes'
  } catch (error) {
    if (!(error instanceof HttpError) || error.isLimit) throw error
    if (error.status === 403) return 'no'
    if (error.status === 404) return 'hidden'
    throw error
  }
}
