import { Worker } from 'node:worker_threads'
import type { Sabotage } from './faults/sabotage.ts'
import { eventsPerMonth, type SimulationResult } from './simulation.ts'

/** One month to simulate. */
export interface Month {
  readonly seed: number
  readonly events: number
  readonly sabotage: Sabotage | null
  /** Lines of the story that have this text are told; null: none. */
  readonly about: string | null
}

/** What a worker says. */
export type Said = { readonly line: string } | { readonly result: SimulationResult }

/** Seeds of a run's months lie this far apart, so that neighbouring seeds share no month. */
const seedStep = 1_000_003

/** The months of a run: as many as it takes, since the ledger of a busy year would measure only the listing of its refs. */
export function monthsOf(options: Month): Month[] {
  const { seed, events, ...rest } = options
  const count = Math.max(1, Math.ceil(events / eventsPerMonth))
  return Array.from({ length: count }, (_, n) => ({
    ...rest,
    seed: seed + n * seedStep,
    events: Math.floor(events / count) + (n < events % count ? 1 : 0),
  }))
}

/**
 * Simulates months beside each other, each on a thread of its own.
 *
 * @param options.threads how many at a time
 * @param options.tell takes the lines of the story that were asked for
 * @returns the results in the order of the months
 */
export async function simulateMonths(
  months: readonly Month[],
  { threads, tell }: { threads: number; tell: (line: string) => void },
): Promise<SimulationResult[]> {
  const results: SimulationResult[] = []
  let next = 0
  const work = async () => {
    for (let n = next++; n < months.length; n = next++) {
      const month = months[n]
      if (month !== undefined) results[n] = await simulateOn(month, tell)
    }
  }
  await Promise.all(Array.from({ length: threads }, work))
  return results
}

function simulateOn(month: Month, tell: (line: string) => void): Promise<SimulationResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./month-worker.ts', import.meta.url), { workerData: month })
    worker.on('message', (said: Said) => {
      if ('line' in said) return tell(said.line)
      resolve(said.result)
      void worker.terminate()
    })
    worker.on('error', reject)
  })
}
