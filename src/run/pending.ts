import * as z from 'zod/mini'
import type { Recipe } from '../domain/recipe.ts'
import type { TrainingOrder } from '../domain/training.ts'

/** A training that was ordered and has not ended: what the end of the job needs to find and stop it. No secrets. */
export interface PendingTraining {
  readonly order: TrainingOrder
  /** The key of its recipe in the ledger. */
  readonly ledgerKey: string
}

/** What the step leaves for the end of the job. */
export interface PendingState {
  readonly trainings: readonly PendingTraining[]
  /** What became of those that need not be looked after any more, a sentence each. */
  readonly settled: readonly string[]
}

/** The trainings that were ordered and have not ended. */
export interface Pending {
  /** To be called before the start, so that no moment is left in which nobody knows of the run. */
  add(training: PendingTraining): void
  /**
   * To be called when nobody needs to look after it any more.
   *
   * @param became ends the sentence "The training of ..."
   */
  remove(order: TrainingOrder, became: string): void
}

/**
 * Keeps the list of pending trainings.
 *
 * @param save writes it where the end of the job finds it
 */
export function createPending(save: (json: string) => void): Pending {
  const trainings = new Map<string, PendingTraining>()
  const settled: string[] = []
  const write = () => save(JSON.stringify({ trainings: [...trainings.values()], settled }))
  return {
    add({ order, ledgerKey }) {
      trainings.set(order.nonce, { order: { ...order, recipe: withoutScripts(order.recipe) }, ledgerKey })
      write()
    },
    remove({ nonce, project }, became) {
      if (!trainings.delete(nonce)) return
      settled.push(`The training of ${project} ${became}.`)
      write()
    },
  }
}

/** What people write into scripts and parameters may be secret, and nobody needs it to find a run. */
function withoutScripts(recipe: Recipe): Recipe {
  return { ...recipe, command: null, params: {} }
}

const schema = z.object({
  trainings: z.array(
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
  ),
  settled: z.array(z.string()),
})

/** Reads what `save` was given; nothing was ordered when it is empty. */
export function readPending(json: string): PendingState {
  return json === '' ? { trainings: [], settled: [] } : schema.parse(JSON.parse(json))
}
