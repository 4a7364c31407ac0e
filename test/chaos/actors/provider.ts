import { NotStarted, type Trainer, type TrainingEnd, type TrainingRun } from '../../../src/domain/training.ts'
import type { Clock } from '../../../src/http/clock.ts'
import type { Random } from '../random.ts'
import type { Tally } from '../tally.ts'

/** One start that the provider took money for. */
export interface PaidStart {
  readonly id: string
  /** As `recipeName` calls it. */
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
 * @param options.onRefusal called before a start is refused
 */
export function createProvider(options: {
  random: Random
  clock: Clock
  tally: Tally
  recipeOf: (recipe: { inputDataset: string; autotrainProjectPrefix: string }) => string
  onRefusal: () => void
}) {
  const { random, clock, tally, recipeOf, onRefusal } = options
  const starts: PaidStart[] = []
  const byNonce = new Map<string, PaidStart>()
  const byId = new Map<string, PaidStart>()
  const answerTime = (luck: Random) => clock.sleep(luck.between(200, 3000))
  const toRun = ({ id }: PaidStart): TrainingRun => ({
    id,
    url: `https://provider.example/${id}`,
    nextStep: null,
  })
  const endOf = (id: string): TrainingEnd | null => {
    const start = byId.get(id)
    if (start === undefined || clock.now() < start.endsAt) return null
    return { verdict: start.end, reason: 'Over.', metrics: {}, curve: [], logTail: [], cost: 0.1 }
  }
  const trainer: Trainer = {
    name: 'job',
    plan: async () => ({
      what: 'A simulated training',
      steps: [],
      readsOnlyHead: false,
      hardware: 't4-small',
      timeoutMs: runMs * 2,
      cost: { perMinute: 0.01, max: 1 },
    }),
    start: async ({ recipe, revision, nonce }, { assertMayBegin }) => {
      const luck = random.fork(`start ${nonce}`)
      await answerTime(luck)
      assertMayBegin()
      if (luck.chance(0.04)) {
        tally.count('a start that certainly never began')
        onRefusal()
        throw new NotStarted('The provider has no machine free.')
      }
      const isUnclear = luck.chance(0.03)
      const isLost = isUnclear && luck.chance(0.5)
      if (isUnclear) tally.count(`a start whose answer never came: ${isLost ? 'not taken' : 'taken'}`)
      if (isLost) throw new Error('The provider did not answer.')
      const at = clock.now()
      const end = luck.chance(0.08) ? 'failed' : 'succeeded'
      tally.count(`a training that ${end}`)
      const id = `run-${starts.length + 1}`
      const start = { id, recipe: recipeOf(recipe), revision, nonce, at, endsAt: at + runMs, end } as const
      starts.push(start)
      byNonce.set(nonce, start)
      byId.set(id, start)
      await answerTime(luck)
      if (isUnclear) throw new Error('The provider did not answer.')
      return toRun(start)
    },
    find: async ({ nonce }) => {
      await clock.sleep(300)
      const start = byNonce.get(nonce)
      return start === undefined ? null : toRun(start)
    },
    inspect: async (_order, { id }) => endOf(id),
  }
  return { starts, trainer }
}
