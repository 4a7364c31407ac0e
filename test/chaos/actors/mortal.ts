import type { Trainer } from '../../../src/domain/training.ts'
import type { Ledger, LedgerKeys, RecipeLedger } from '../../../src/ledger/ledger.ts'
import type { Random } from '../random.ts'

/** Where a step of the action may be ended by force. */
type DeathPoint =
  | 'before claim'
  | 'after claim'
  | 'after start'
  | 'at some request'
  | 'while it published'
  | 'at some time'

/** One step of the action, which may die: then nothing it would do any more reaches the outside. */
export interface Life {
  readonly diesAt: DeathPoint | null
  /** Whether the machine lives on, so that the end of the job runs. */
  readonly hasPost: boolean
  /** When the workflow is cancelled, from the beginning of the step; null: never. */
  readonly cancelledAfterMs: number | null
  /** For a death at some request: how many it still sends; for one while it published: counted from the first of those. */
  requestsLeft: number
  /** Whether it has begun to publish. */
  publishes: boolean
  dead: boolean
}

const points: readonly DeathPoint[] = [
  'before claim',
  'after claim',
  'after start',
  'at some request',
  'at some request',
  'while it published',
  'while it published',
]

/** One step in ten is ended by force, and one in thirty is cancelled. */
export function drawLife(random: Random): Life {
  const diesAt = random.chance(0.1) ? random.pick(points) : null
  const isCancelled = diesAt === null && random.chance(0.03)
  return {
    diesAt: isCancelled ? 'at some time' : diesAt,
    hasPost: isCancelled || random.chance(0.4),
    cancelledAfterMs: isCancelled ? random.between(1, 1200) * 1000 : null,
    requestsLeft: random.between(0, 30),
    publishes: false,
    dead: false,
  }
}

/** A step that nothing happens to. */
export const immortal = (): Life => ({
  diesAt: null,
  hasPost: true,
  cancelledAfterMs: null,
  requestsLeft: 0,
  publishes: false,
  dead: false,
})

class Killed extends Error {
  override readonly name = 'Killed'

  constructor() {
    super('The runner is gone.')
  }
}

/** Ends the life at a point, if that is where it ends; throws when it has ended. */
function pass(life: Life, point: DeathPoint | null): void {
  if (point !== null && life.diesAt === point) life.dead = true
  if (life.dead) throw new Killed()
}

/** A way to send whose owner may die, before a request or before its answer. */
export function mortalSend<In extends unknown[], Out>(
  send: (...given: In) => Promise<Out>,
  life: Life,
): (...given: In) => Promise<Out> {
  return async (...given) => {
    if (life.dead) throw new Killed()
    life.publishes ||= beginsToPublish(given[1])
    const counts =
      life.diesAt === 'at some request' || (life.publishes && life.diesAt === 'while it published')
    if (!counts) return send(...given)
    life.requestsLeft -= 1
    if (life.requestsLeft < 0) pass(life, life.diesAt)
    const answer = await send(...given)
    if (life.requestsLeft === 0) pass(life, life.diesAt)
    return answer
  }
}

/** Whether a request writes that a publication has begun: what comes after it is about that, as a rule. */
function beginsToPublish(request: unknown): boolean {
  if (typeof request !== 'object' || request === null || !('body' in request)) return false
  return typeof request.body === 'string' && request.body.includes('/publish/')
}

/** A ledger whose owner may die before or after it claims. */
export function mortalLedger(ledger: Ledger, life: Life): Ledger {
  const wrap = (inner: RecipeLedger): RecipeLedger => ({
    ...inner,
    async claim(wanted) {
      pass(life, 'before claim')
      const claimed = await inner.claim(wanted)
      pass(life, 'after claim')
      return claimed
    },
  })
  const wrapAll = <T extends Pick<Ledger, 'recipe' | 'beforeRename'>>(inner: T): T => ({
    ...inner,
    recipe: async (keys: LedgerKeys) => wrap(await inner.recipe(keys)),
    beforeRename: async (keys: LedgerKeys, datasetId: string) => {
      const before = await inner.beforeRename(keys, datasetId)
      return before && wrap(before)
    },
  })
  return { ...wrapAll(ledger), recipes: async (all) => wrapAll(await ledger.recipes(all)) }
}

/** A trainer whose owner may die right after the start. */
export function mortalTrainer(trainer: Trainer, life: Life): Trainer {
  const alive = async <T>(call: () => Promise<T>): Promise<T> => {
    if (life.dead) throw new Killed()
    const result = await call()
    if (life.dead) throw new Killed()
    return result
  }
  const { find, list, inspect, cancel } = trainer
  return {
    ...trainer,
    ...(find && { find: (order, signal) => alive(() => find(order, signal)) }),
    ...(list && { list: (order, signal) => alive(() => list(order, signal)) }),
    ...(inspect && { inspect: (order, run, signal) => alive(() => inspect(order, run, signal)) }),
    ...(cancel && { cancel: (order, run, signal) => alive(() => cancel(order, run, signal)) }),
    async start(order, context) {
      if (life.dead) throw new Killed()
      const run = await trainer.start(order, context)
      pass(life, 'after start')
      return run
    },
  }
}
