import type { Hub } from '../hub/hub.ts'
import { findModel, type ModelAt } from '../hub/models/models.ts'

/**
 * Reads the base model of a recipe, for reports and `retrain-on`. A model that the token cannot see can neither be
 * trained on nor shown, so its name is no secret beside the recipe's: it counts as public.
 *
 * @param options.model `namespace/name`, or a name without namespace
 * @returns unknown where the Hub gives no clear answer
 */
export async function readBaseModel(
  hub: Hub,
  options: { model: string; signal: AbortSignal },
): Promise<ModelAt> {
  try {
    return (await findModel(hub, options)) ?? { head: null, visibility: 'public' }
  } catch {
    return { head: null, visibility: 'unknown' }
  }
}
