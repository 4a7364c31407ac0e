import type { Hub } from '../hub/hub.ts'
import { findModel, type ModelAt } from '../hub/models/models.ts'

/**
 * Reads the base model of a recipe, for reports and `retrain-on`. The Hub answers 404 for a private model that the
 * token cannot see, and a script may use it all the same: with a token of its own, or by never reading it here.
 *
 * @param options.model `namespace/name`, or a name without namespace: a canonical model, which is always public
 * @returns `unknown` where the Hub shows no such model or gives no clear answer
 */
export async function readBaseModel(
  hub: Hub,
  options: { model: string; signal: AbortSignal },
): Promise<ModelAt> {
  try {
    return (await findModel(hub, options)) ?? unseen(options)
  } catch {
    return unseen(options)
  }
}

function unseen({ model }: { model: string }): ModelAt {
  return { head: null, visibility: model.includes('/') ? 'unknown' : 'public' }
}
