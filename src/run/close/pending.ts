import * as z from 'zod/mini'
import { messageOf } from '../../domain/error-message.ts'
import type { Recipe } from '../../domain/recipe.ts'
import type { RunnerProcess, TrainingEnd, TrainingOrder, TrainingRun } from '../../domain/training.ts'
import { Refused } from '../../domain/verdict.ts'
import type { RecordFacts } from '../../ledger/record.ts'

/** A training that was ordered and has not ended: what the end of the job needs to find and stop it. No secrets. */
export interface PendingTraining {
  readonly order: TrainingOrder
  /** The provider's run; null until it is known. */
  readonly run: TrainingRun | null
  /** The process of a command on the runner; null for every other trainer. */
  readonly process: RunnerProcess | null
  /** The ref of its claim in the ledger. */
  readonly claim: string
  /** How it ended, where that could not be recorded; null while it may be running. */
  readonly ended: { readonly verdict: TrainingEnd['verdict']; readonly facts: RecordFacts } | null
}

/** What the step leaves for the end of the job. */
export interface PendingState {
  readonly trainings: readonly PendingTraining[]
  /** How those ended that need no more attention, a sentence each. */
  readonly settled: readonly string[]
}

/** The trainings that were ordered and have not ended. */
export interface Pending {
  /**
   * To be called before the order, so that no run is ever unaccounted for, and again when its run is known.
   *
   * @throws Refused when it cannot be saved and nothing was ordered yet; later that is a warning
   */
  add(training: PendingTraining): void
  /**
   * To be called when a training needs no more attention.
   *
   * @param ending ends the sentence "The training ..."
   */
  remove(order: TrainingOrder, ending: string): void
}

/**
 * Keeps the list of pending trainings.
 *
 * @param save writes it where the end of the job finds it
 * @param warn is told what could not be saved, in a sentence
 */
export function createPending(
  save: (json: string) => void,
  warn: (message: string) => void = () => {},
): Pending {
  const trainings = new Map<string, PendingTraining>()
  const settled: string[] = []
  const write = () => save(JSON.stringify({ trainings: [...trainings.values()], settled }))
  const writeOrWarn = () => {
    try {
      write()
    } catch (error) {
      warn(`What is to be stopped when the job is cancelled could not be saved (${messageOf(error)}).`)
    }
  }
  return {
    add(training) {
      const { order } = training
      trainings.set(order.nonce, {
        ...training,
        order: { ...order, recipe: withoutScripts(order.recipe) },
      })
      if (training.run !== null) return writeOrWarn()
      try {
        write()
      } catch (cause) {
        trainings.delete(order.nonce)
        throw new Refused(
          `Nothing was started, because it could not be stopped again: ${messageOf(cause)}.`,
          { cause },
        )
      }
    },
    remove({ nonce, project }, ending) {
      if (!trainings.delete(nonce)) return
      settled.push(`The training ${project} ${ending}.`)
      writeOrWarn()
    },
  }
}

/** What people write into scripts and parameters may be secret, and is not needed to find a run. */
function withoutScripts({ code: _code, ...recipe }: Recipe): Recipe {
  return { ...recipe, command: null, scriptArgs: [], env: {}, params: {} }
}

const schema = z.object({
  trainings: z.array(
    z.object({
      claim: z.string(),
      run: z.nullable(z.object({ id: z.string(), url: z.string(), nextStep: z.nullable(z.string()) })),
      process: z.nullable(z.object({ pid: z.int(), startTime: z.string() })),
      // Only this action writes it, and the ledger checks it once more.
      ended: z.custom<PendingTraining['ended']>((value) => typeof value === 'object'),
      order: z.object({
        // The recipe was checked when it was read; only this action writes the state of its step.
        recipe: z.custom<Recipe>((value) => typeof value === 'object' && value !== null),
        revision: z.string(),
        project: z.string(),
        nonce: z.string(),
        key: z.string(),
        ledger: z.string(),
        modelHead: z.optional(z.nullable(z.string())),
        published: z.optional(z.nullable(z.object({ model: z.string(), commit: z.string() }))),
        startFrom: z.optional(z.nullable(z.object({ model: z.string(), revision: z.string() }))),
      }),
    }),
  ),
  settled: z.array(z.string()),
})

/** Reads what `save` was given; nothing was ordered when it is empty. */
export function readPending(json: string): PendingState {
  return json === '' ? { trainings: [], settled: [] } : schema.parse(JSON.parse(json))
}
