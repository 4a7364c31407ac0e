import { formatDuration } from '../../domain/format.ts'
import type { StepRecord } from '../../domain/outcome.ts'
import { Skipped } from '../../domain/verdict.ts'
import type { Clock } from '../../http/clock.ts'
import type { Log } from './log.ts'

/** Runs pieces of work one after the other, shows them live and keeps how each went. */
export interface Steps {
  readonly records: readonly StepRecord[]
  /** Runs one piece of work, what it prints folded under its title. */
  run<T>(title: string, work: () => Promise<T>): Promise<T>
  /**
   * The same for work that prints a story of its own.
   *
   * @param isGood judges what came of work that did not throw; left out, all of that is good
   */
  time<T>(title: string, work: () => Promise<T>, isGood?: (result: T) => boolean): Promise<T>
}

/** @returns steps that have not run yet */
export function createSteps(options: { clock: Clock; log: Log }): Steps {
  const { clock, log } = options
  const records: StepRecord[] = []
  const time: Steps['time'] = async (title, work, isGood = () => true) => {
    const startedAt = clock.now()
    const note = (ok: boolean) => {
      const durationMs = clock.now() - startedAt
      records.push({ title, startedAt, durationMs, ok })
      log.info(`${ok ? '✓' : '✗'} ${title} (${formatDuration(durationMs)})`)
    }
    try {
      const result = await work()
      note(isGood(result))
      return result
    } catch (error) {
      // To find out that there is nothing to do is what the step was for.
      note(error instanceof Skipped)
      throw error
    }
  }
  return {
    records,
    time,
    run: (title, work) => time(title, () => log.group(title, work)),
  }
}
