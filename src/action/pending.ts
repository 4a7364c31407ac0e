import * as z from 'zod/mini'
import type { Recipe } from '../recipe/recipe.ts'
import type { TrainingOrder } from '../trainers/trainer.ts'

/** A training that was ordered and has not ended: what the end of the job needs to find and stop it. No secrets. */
export interface PendingTraining {
  readonly order: TrainingOrder
  /** The key of its recipe in the ledger. */
  readonly ledgerKey: string
}

/** The trainings that were ordered and have not ended. */
export interface Pending {
  /** To be called before the start, so that no moment is left in which nobody knows of the run. */
  add(training: PendingTraining): void
  remove(order: TrainingOrder): void
}

/**
 * Keeps the list of pending trainings.
 *
 * @param save writes it where the end of the job finds it
 */
export function createPending(save: (json: string) => void): Pending {
  const trainings = new Map<string, PendingTraining>()
  const write = () => save(JSON.stringify([...trainings.values()]))
  return {
    add({ order, ledgerKey }) {
      trainings.set(order.nonce, { order: { ...order, recipe: withoutScripts(order.recipe) }, ledgerKey })
      write()
    },
    remove({ nonce }) {
      if (trainings.delete(nonce)) write()
    },
  }
}

/** What people write into scripts and parameters may be secret, and nobody needs it to find a run. */
function withoutScripts(recipe: Recipe): Recipe {
  return { ...recipe, command: null, params: {} }
}

const schema = z.array(
  z.object({
    ledgerKey: z.string(),
    order: z.object({
      // The recipe was checked when it was read; only this action writes the state of its step.
      recipe: z.custom<Recipe>((value) => typeof value === 'object' && value !== null),
      revision: z.string(),
      project: z.string(),
      nonce: z.string(),
    }),
  }),
)

/** Reads what `save` was given; an empty list when there is nothing. */
export function readPending(json: string): PendingTraining[] {
  return json === '' ? [] : schema.parse(JSON.parse(json))
}
