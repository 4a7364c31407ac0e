import { NotStarted, type Trainer, type TrainingEnd, type TrainingRun } from '../../src/trainers/trainer.ts'
import type { Random } from './random.ts'

/** One start that the provider took money for. */
export interface PaidStart {
  readonly id: string
  readonly recipe: string
  readonly revision: string
  readonly nonce: string
  readonly at: number
  readonly endsAt: number
  readonly end: 'succeeded' | 'failed'
}

const runMs = 20 * 60_000

/**
 * A provider of trainings that remembers what it was paid for, and its trainer.
 *
 * @param options.recipeOf the name of a recipe, for the books
 */
export function createProvider(options: {
  random: Random
  now: () => number
  recipeOf: (order: { recipe: { inputDataset: string; autotrainProjectPrefix: string } }) => string
}) {
  const { random, now, recipeOf } = options
  const starts: PaidStart[] = []
  const toRun = ({ id }: PaidStart): TrainingRun => ({
    id,
    url: `https://provider.example/${id}`,
    nextStep: null,
  })
  const endOf = (id: string): TrainingEnd | null => {
    const start = starts.find((other) => other.id === id)
    if (start === undefined || now() < start.endsAt) return null
    return { verdict: start.end, reason: 'Over.', metrics: {}, curve: [], logTail: [], cost: 0.1 }
  }
  const trainer: Trainer = {
    name: 'job',
    plan: async () => ({
      what: 'A simulated training',
      steps: [],
      readsOnlyHead: false,
      hardware: 't4-small',
      timeout: runMs * 2,
      cost: { perMinute: 0.01, max: 1 },
    }),
    start: async (order) => {
      if (random.chance(0.03)) throw new NotStarted('The provider has no machine free.')
      const start: PaidStart = {
        id: `run-${starts.length + 1}`,
        recipe: recipeOf(order),
        revision: order.revision,
        nonce: order.nonce,
        at: now(),
        endsAt: now() + runMs,
        end: random.chance(0.05) ? 'failed' : 'succeeded',
      }
      starts.push(start)
      return toRun(start)
    },
    find: async ({ nonce }) => {
      const start = starts.find((other) => other.nonce === nonce)
      return start === undefined ? null : toRun(start)
    },
    inspect: async (_order, { id }) => endOf(id),
  }
  return { starts, trainer }
}
