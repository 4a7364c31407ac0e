import { expect } from '@jest/globals'
import { recordStopped } from '../../../src/action/post.ts'
import type { Outcome } from '../../../src/domain/outcome.ts'
import type { Trainer } from '../../../src/domain/training.ts'
import { hasEnded, type LedgerRecord } from '../../../src/ledger/record.ts'
import { readPending } from '../../../src/run/close/pending.ts'
import { stopPending } from '../../../src/run/close/stop-pending.ts'
import { succeeded } from '../provider.ts'
import { digits, type Rig, type RunOptions, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'
import { beginLife, type Death, mortalTrainer } from './mortal.ts'

/** One run of the action that may be killed, and what it left. */
interface Lived {
  /** Null when it was killed. */
  readonly outcome: Outcome | null
  /** What it saved for the end of the job. */
  readonly state: string
  readonly calls: number
}

/** The action, the real ledger and a provider whose runs cost money; each process can be killed at any call. */
export interface CrashWorld {
  readonly rig: Rig
  live(death: Death | null, options?: RunOptions): Promise<Lived>
  /** The end of the job of a step that was killed. */
  post(state: string, death?: Death | null): Promise<void>
  /** Lets the runs end, and checks until nothing is left to find out. */
  settle(): Promise<void>
  /** Every run that is alive is known to an open record. */
  expectNothingOrphaned(): Promise<void>
  /**
   * All runs have ended, each record says what its run cost, and none is open. A command is recorded before it begins, so
   * that one which never did may be counted.
   */
  expectMoneyIsLedger(trainer?: 'job' | 'command'): Promise<void>
  close(): Promise<void>
}

/** Starts a world. */
export async function startCrashWorld(): Promise<CrashWorld> {
  const rig = await startRig()
  const live: CrashWorld['live'] = async (death, options = {}) => {
    const life = beginLife(death)
    let state = ''
    const trainer = mortalTrainer(rig.provider.trainer(), life)
    const running = rig.run({
      ...options,
      trainers: { job: trainer, command: trainer },
      platformFetch: life.fetch,
      onPending: (json) => {
        if (!life.isOver()) state = json
      },
    })
    const result = await life.outlive(running)
    return { outcome: result?.outcome ?? null, state, calls: life.count() }
  }
  const world: CrashWorld = {
    rig,
    live,
    async post(state, death = null) {
      const life = beginLife(death)
      const trainer: Trainer = mortalTrainer(rig.provider.trainer(), life)
      const { tools } = rig.post(trainer, life.fetch)
      const ending = Promise.all(
        readPending(state).trainings.map(async (training) => {
          const stopped = await stopPending(training, tools)
          if (stopped.is !== 'stopped' && stopped.is !== 'gone') return
          const run = stopped.is === 'stopped' ? stopped.run : training.run
          await recordStopped({ training: { ...training, run }, reason: 'The step was ended.' }, tools)
        }),
      )
      await life.outlive(ending)
    },
    async settle() {
      const { clock } = rig.home
      // What runs may still be running at the first check, and has ended at the next.
      for (const end of [false, true, true]) {
        if (end) rig.provider.endAll(succeeded)
        clock.advance(11 * minute)
        await live(null)
        await world.expectNothingOrphaned()
      }
      clock.advance(24 * 60 * minute)
      await live(null)
    },
    async expectNothingOrphaned() {
      const records = await rig.records()
      for (const { order } of rig.provider.alive()) {
        const record = records.find(({ nonce }) => nonce === order.nonce)
        expect([order.nonce, record === undefined || hasEnded(record)]).toEqual([order.nonce, false])
      }
    },
    async expectMoneyIsLedger(trainer = 'job') {
      // A claim without a slot of the day is not among them: its owner died before it could order anything.
      const records = (await (await rig.home.ledgerOf(digits())).recent()).map(({ record }) => record)
      const states = (some: readonly LedgerRecord[]) =>
        some.map(({ attempt, state }) => `${attempt} ${state}`)
      expect(rig.provider.alive()).toEqual([])
      expect(states(records.filter((record) => !hasEnded(record)))).toEqual([])
      for (const { order, end } of rig.provider.runs) {
        const record = records.find(({ nonce }) => nonce === order.nonce)
        // The cost of a run that was stopped is not known, and counts as the most it could be.
        const counted = record?.cost ?? record?.costEstimate ?? 0
        expect(counted).toBeGreaterThanOrEqual(end?.cost ?? 0)
        expect(record?.began).toBe(true)
      }
      const nonces = rig.provider.paid.map(({ nonce }) => nonce)
      for (const { nonce, began, cost } of records) {
        const mayCount = trainer === 'command' && began && cost === null
        if (!nonces.includes(nonce) && !mayCount) expect([began, cost]).toEqual([false, 0])
      }
    },
    close: () => rig.close(),
  }
  return world
}

/** Lives one life after another, killed at each of its calls in turn, until one is not killed. */
export async function killedAtEachCall(
  when: Death['when'],
  story: (world: CrashWorld, death: Death) => Promise<Lived | null>,
): Promise<number> {
  for (let at = 1; ; at += 1) {
    const world = await startCrashWorld()
    try {
      const lived = await story(world, { at, when })
      if (lived !== null && lived.outcome !== null) return at
    } catch (error) {
      throw new Error(`Killed ${when} call ${at}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      })
    } finally {
      await world.close()
    }
  }
}
