import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../src/http/clock.ts'

/** Simulated time: it stands still while anything works, and jumps to the next planned moment when all sleep. */
export interface Timeline {
  /**
   * Simulated time. A sleep ends when simulated time has come that far; outside of planned work it ends at once.
   * Time limits never strike: what hangs in reality is reported by `runUntil`.
   */
  readonly clock: Clock
  /** Time stands still until this has ended, for what the platform does on other threads. */
  hold<T>(work: Promise<T>): Promise<T>
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

/** Turns of the event loop that a part of a work gets to finish or to sleep again, while other parts sleep. */
const turnsForParts = 12

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
  let held = 0
  let partsAwake = false
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
    await new Promise<void>((resolve, reject) => {
      let isOver = false
      const wake = (end: () => void) => {
        // What a process left behind ends with it: nothing wakes any more.
        if (isOver || work.hasEnded) return
        isOver = true
        signal?.removeEventListener('abort', stop)
        work.sleepers -= 1
        if (work.sleepers === 0) busy.add(work)
        else partsAwake = true
        end()
      }
      const stop = () => wake(() => reject(signal?.reason))
      plan(now + ms, () => wake(resolve))
      signal?.addEventListener('abort', stop, { once: true })
      work.sleepers += 1
      rest(work)
    })
  }

  /** Whether nothing is under way; work of which only some parts sleep cannot say so and gets some turns. */
  const isQuiet = async (): Promise<boolean> => {
    if (busy.size > 0 || held > 0) return false
    if (!partsAwake) return true
    partsAwake = false
    for (let turn = 0; turn < turnsForParts; turn++) {
      await setImmediate()
      if (busy.size > 0 || held > 0 || partsAwake) {
        partsAwake = true
        return false
      }
    }
    return true
  }

  const busyEnds = async (): Promise<void> => {
    if (busy.size === 0) return void (await setImmediate())
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve, reject) => {
      whenIdle = resolve
      const sentence = `At ${new Date(now).toISOString()} something neither ends nor sleeps.`
      timer = setTimeout(() => reject(new Error(sentence)), stuckAfterMs)
    })
    whenIdle = null
    clearTimeout(timer)
  }

  const idle = async (): Promise<void> => {
    while (!(await isQuiet())) await busyEnds()
  }

  return {
    clock: { now: () => now, sleep, timer: () => () => {} },
    async hold(work) {
      held += 1
      try {
        return await work
      } finally {
        held -= 1
      }
    },
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
