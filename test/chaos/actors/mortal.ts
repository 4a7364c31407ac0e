import type { Trainer } from '../../../src/domain/training.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { Random } from '../random.ts'

/** Where a run of the action may be killed. */
type DeathPoint = 'before claim' | 'after claim' | 'after start' | 'at some request'

/** One run of the action, which may die: then nothing it would do any more reaches the outside. */
export interface Life {
  readonly diesAt: DeathPoint | null
  /** For a death at some request: how many it still sends. */
  requestsLeft: number
  dead: boolean
}

const points: readonly DeathPoint[] = [
  'before claim',
  'after claim',
  'after start',
  'at some request',
  'at some request',
]

/** One run in ten dies. */
export function drawLife(random: Random): Life {
  return {
    diesAt: random.chance(0.1) ? random.pick(points) : null,
    requestsLeft: random.between(0, 30),
    dead: false,
  }
}

class Killed extends Error {
  override readonly name = 'Killed'

  constructor() {
    super('The runner is gone.')
  }
}

/** Ends the life at a point, if that is where it ends; throws when it has ended. */
function pass(life: Life, point: DeathPoint): void {
  if (life.diesAt === point) life.dead = true
  if (life.dead) throw new Killed()
}

/** A way to send whose owner may die, before a request or before its answer. */
export function mortalSend<In extends unknown[], Out>(
  send: (...given: In) => Promise<Out>,
  life: Life,
): (...given: In) => Promise<Out> {
  return async (...given) => {
    if (life.dead) throw new Killed()
    if (life.diesAt !== 'at some request') return send(...given)
    life.requestsLeft -= 1
    if (life.requestsLeft < 0) pass(life, 'at some request')
    const answer = await send(...given)
    if (life.requestsLeft === 0) pass(life, 'at some request')
    return answer
  }
}

/** A ledger whose owner may die before or after it claims. */
export function mortalLedger(ledger: Ledger, life: Life, options: { everyClaimSucceeds: boolean }): Ledger {
  return {
    async recipe(key) {
      const inner = await ledger.recipe(key)
      return {
        ...inner,
        async claim(wanted) {
          pass(life, 'before claim')
          const claimed = await inner.claim(wanted)
          pass(life, 'after claim')
          return options.everyClaimSucceeds ? { ...claimed, owned: true } : claimed
        },
      }
    },
  }
}

/** A trainer whose owner may die right after the start. */
export function mortalTrainer(trainer: Trainer, life: Life): Trainer {
  return {
    ...trainer,
    async start(order, context) {
      if (life.dead) throw new Killed()
      const run = await trainer.start(order, context)
      pass(life, 'after start')
      return run
    },
  }
}
