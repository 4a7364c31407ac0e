import { Worker } from 'node:worker_threads'
import type { Sabotage } from './faults/sabotage.ts'
import type { ClockKind, SimulationResult } from './simulation.ts'

/** Some weeks to simulate, in a world of their own. */
export interface Stretch {
  readonly seed: number
  readonly events: number
  readonly sabotage: Sabotage | null
  readonly clockKind: ClockKind
  /** Lines of the story that have this text are told; null: none. */
  readonly about: string | null
}

/** What a stretch needs is far less; more lets garbage pile up. */
const maxHeapMb = 700

/** What a worker says. */
export type Said = { readonly line: string } | { readonly result: SimulationResult }

/**
 * Two weeks: each recipe gets more attempts than a check reads. A longer one would measure only how the sandbox lists
 * refs.
 */
const eventsPerStretch = 500

/** Seeds of a run's stretches lie this far apart, so that neighbouring seeds share none. */
const seedStep = 1_000_003

/** Divides a run into stretches. */
export function stretchesOf(options: Stretch): Stretch[] {
  const { seed, events, ...rest } = options
  const count = Math.max(1, Math.ceil(events / eventsPerStretch))
  return Array.from({ length: count }, (_, n) => ({
    ...rest,
    seed: seed + n * seedStep,
    events: Math.floor(events / count) + (n < events % count ? 1 : 0),
  }))
}

/**
 * Simulates stretches beside each other, each on a thread of its own.
 *
 * @param options.threads how many at a time
 * @param options.tell takes the lines of the story that were asked for
 * @returns the results in the order of the stretches
 */
export async function simulateStretches(
  stretches: readonly Stretch[],
  { threads, tell }: { threads: number; tell: (line: string) => void },
): Promise<SimulationResult[]> {
  const results: SimulationResult[] = []
  let next = 0
  const work = async () => {
    for (let n = next++; n < stretches.length; n = next++) {
      const stretch = stretches[n]
      if (stretch !== undefined) results[n] = await simulateOn(stretch, tell)
    }
  }
  await Promise.all(Array.from({ length: threads }, work))
  return results
}

function simulateOn(stretch: Stretch, tell: (line: string) => void): Promise<SimulationResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./stretch-worker.ts', import.meta.url), {
      workerData: stretch,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    })
    worker.on('message', (said: Said) => {
      if ('line' in said) return tell(said.line)
      resolve(said.result)
      void worker.terminate()
    })
    worker.on('error', reject)
  })
}
