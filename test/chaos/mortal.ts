import type { Ledger, RecipeLedger } from '../../src/ledger/ledger.ts'
import type { Trainer } from '../../src/trainers/trainer.ts'

/** Where a run of the action may be killed. */
export type DeathPoint = 'before claim' | 'after claim' | 'after start'

/** One run of the action, which may die: then nothing it would do any more reaches the outside. */
export interface Life {
  readonly diesAt: DeathPoint | null
  dead: boolean
}

class Killed extends Error {
  override readonly name = 'Killed'
}

/** A ledger whose owner may die before or after it claims. */
export function mortalLedger(ledger: Ledger, life: Life, options: { everyClaimSucceeds: boolean }): Ledger {
  const alive = (): void => {
    if (life.dead) throw new Killed('The runner is gone.')
  }
  const die = (point: DeathPoint): void => {
    if (life.diesAt === point) life.dead = true
    alive()
  }
  const wrap = (inner: RecipeLedger): RecipeLedger => {
    const guarded = Object.entries(inner).map(([name, call]) => [
      name,
      async (...given: unknown[]) => {
        alive()
        return (call as (...all: unknown[]) => unknown)(...given)
      },
    ])
    return {
      ...(Object.fromEntries(guarded) as unknown as RecipeLedger),
      async claim(wanted) {
        die('before claim')
        const claimed = await inner.claim(wanted)
        die('after claim')
        return options.everyClaimSucceeds ? { ...claimed, owned: true } : claimed
      },
    }
  }
  return {
    async recipe(key) {
      alive()
      return wrap(await ledger.recipe(key))
    },
  }
}

/** A trainer whose owner may die right after the start. */
export function mortalTrainer(trainer: Trainer, life: Life): Trainer {
  return {
    ...trainer,
    async start(order, context) {
      if (life.dead) throw new Killed('The runner is gone.')
      const run = await trainer.start(order, context)
      if (life.diesAt === 'after start') {
        life.dead = true
        throw new Killed('The runner is gone.')
      }
      return run
    },
  }
}
