import * as z from 'zod/mini'
import type { Recipe } from '../domain/recipe.ts'
import type { TrainingOrder } from '../domain/training.ts'

/** A training that was ordered and has not ended: what the action's `post` needs to find and stop it. No secrets. */
export interface PendingTraining {
  readonly order: TrainingOrder
  /** The key of its recipe in the ledger. */
  readonly ledgerKey: string
}

/** What `main` leaves for `post`. */
export interface PendingState {
  readonly trainings: readonly PendingTraining[]
  /** A sentence for each training that is no longer pending: how it ended. */
  readonly ended: readonly string[]
}

/** The trainings that were ordered and have not ended. */
export interface Pending {
  /** Call it before the start, so that `post` knows of every run that may exist. */
  add(training: PendingTraining): void
  /**
   * Call it when `post` need not stop the training.
   *
   * @param howItEnded completes the sentence "The training of PROJECT ..."
   */
  remove(order: TrainingOrder, howItEnded: string): void
}

/**
 * Keeps the list of pending trainings.
 *
 * @param save stores the list for `post`; called after each change
 */
export function createPending(save: (json: string) => void): Pending {
  const trainings = new Map<string, PendingTraining>()
  const ended: string[] = []
  const write = () => save(JSON.stringify({ trainings: [...trainings.values()], ended }))
  return {
    add({ order, ledgerKey }) {
      trainings.set(order.nonce, { order: { ...order, recipe: withoutScripts(order.recipe) }, ledgerKey })
      write()
    },
    remove({ nonce, project }, howItEnded) {
      if (!trainings.delete(nonce)) return
      ended.push(`The training of ${project} ${howItEnded}.`)
      write()
    },
  }
}

/** Scripts and parameters may contain secrets, and finding a run does not need them. */
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
  ended: z.array(z.string()),
})

/**
 * Reads the list that `createPending` saved.
 *
 * @param json empty when nothing was saved, because nothing was ordered
 */
export function readPending(json: string): PendingState {
  return json === '' ? { trainings: [], ended: [] } : schema.parse(JSON.parse(json))
}
