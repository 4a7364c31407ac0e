import type { Visibility } from '../domain/visibility.ts'
import type { Hub } from '../hub/hub.ts'
import { findModelOnce, type ModelAt } from '../hub/models/models.ts'

/** The base model of a recipe, as far as the Hub shows it. */
export interface BaseModel {
  /** `missing`: the Hub shows no such model to the token; an error where the Hub gave no clear answer. */
  readonly at: ModelAt | 'missing' | Error
  /** Its newest commit; null where the Hub does not say. */
  readonly head: string | null
  readonly visibility: Visibility
}

/**
 * Reads the base model of a recipe, once, for the plan, for reports and for `retrain-on`. The Hub answers 404 for a
 * private model that the token cannot see, and a script may use it all the same: with a token of its own, or by never
 * reading it here.
 *
 * @param options.model `namespace/name`, or a name without namespace: a canonical model, which is always public
 */
export async function readBaseModel(
  hub: Hub,
  options: { model: string; signal: AbortSignal },
): Promise<BaseModel> {
  const { model, signal } = options
  const visibility = model.includes('/') ? 'unknown' : 'public'
  try {
    const at = await findModelOnce(hub, options)
    return at === null
      ? { at: 'missing', head: null, visibility }
      : { at, head: at.head, visibility: at.visibility }
  } catch (error) {
    signal.throwIfAborted()
    return { at: error instanceof Error ? error : new Error(String(error)), head: null, visibility }
  }
}
