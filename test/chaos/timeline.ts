import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../../src/http/clock.ts'

/** Simulated time: it stands still while anything works, and jumps to the next planned moment when all sleep. */
export interface Timeline {
  /**
   * Simulated time. A sleep ends when simulated time has come that far; outside of planned work it ends at once.
   * Time limits never strike: what hangs in reality is reported by `runUntil`.
   */
  readonly clock: Clock
  /** Plans something; what is planned for the same moment happens side by side. */
  at(time: number, work: () => Promise<void>): void
  /**
   * Lets everything happen that is planned up to a time.
   *
   * @throws the first error of any work; Error when work neither ends nor sleeps
   */
  runUntil(time: number): Promise<void>
}

/** How long work may take in reality between two sleeps. */
const stuckAfterMs = 60_000

/** Something that was planned and has begun. It is busy while none of its parts sleeps. */
interface Work {
  sleepers: number
  hasEnded: boolean
}

interface Moment {
  readonly time: number
  readonly begin: () => void
}

/** @param start milliseconds since the epoch */
export function createTimeline(start: number): Timeline {
  let now = start
  let failure: { readonly error: unknown } | null = null
  let whenIdle: (() => void) | null = null
  const moments: Moment[] = []
  const busy = new Set<Work>()
  const current = new AsyncLocalStorage<Work>()

  const rest = (work: Work) => {
    busy.delete(work)
    if (busy.size === 0) whenIdle?.()
  }

  const plan = (wanted: number, begin: () => void) => {
    const time = Math.max(wanted, now)
    let [low, high] = [0, moments.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((moments[middle] as Moment).time <= time) low = middle + 1
      else high = middle
    }
    moments.splice(low, 0, { time, begin })
  }

  const carryOut = async (work: Work, task: () => Promise<void>) => {
    busy.add(work)
    try {
      await task()
    } catch (error) {
      failure ??= { error }
    }
    work.hasEnded = true
    rest(work)
  }

  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted()
    const work = current.getStore()
    if (work === undefined) return
    await new Promise<void>((resolve) => {
      plan(now + ms, () => {
        // What a process left behind ends with it: nothing wakes any more.
        if (work.hasEnded) return
        work.sleepers -= 1
        if (work.sleepers === 0) busy.add(work)
        resolve()
      })
      work.sleepers += 1
      rest(work)
    })
  }

  const idle = async (): Promise<void> => {
    if (busy.size === 0) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve, reject) => {
      whenIdle = resolve
      const sentence = `At ${new Date(now).toISOString()} something neither ends nor sleeps.`
      timer = setTimeout(() => reject(new Error(sentence)), stuckAfterMs)
    })
    whenIdle = null
    clearTimeout(timer)
  }

  return {
    clock: { now: () => now, sleep, timer: () => () => {} },
    at(time, task) {
      plan(time, () => {
        const work: Work = { sleepers: 0, hasEnded: false }
        void current.run(work, () => carryOut(work, task))
      })
    },
    async runUntil(time) {
      for (let next = moments[0]; next !== undefined && next.time <= time; next = moments[0]) {
        now = next.time
        while (moments[0]?.time === now) moments.shift()?.begin()
        await idle()
        if (failure !== null) throw (failure as { error: unknown }).error
      }
      now = Math.max(now, time)
    },
  }
}
