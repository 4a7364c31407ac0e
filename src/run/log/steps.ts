import type { StepRecord } from '../../domain/outcome.ts'
import { formatDuration } from '../../domain/text/format.ts'
import { Skipped } from '../../domain/verdict.ts'
import type { Clock } from '../../http/clock.ts'
import type { Log } from './log.ts'

/** Runs named pieces of work, logs how each ended, and keeps the records for the summary. */
export interface Steps {
  readonly records: readonly StepRecord[]
  /** Runs one piece of work; what it prints is folded under the title. */
  run<T>(title: string, work: () => Promise<T>): Promise<T>
  /**
   * The same without a group, for work that prints groups of its own.
   *
   * @param isSuccess judges the result of work that did not throw; by default every result is a success
   */
  time<T>(title: string, work: () => Promise<T>, isSuccess?: (result: T) => boolean): Promise<T>
}

/** Creates an empty list of steps. */
export function createSteps(options: { clock: Clock; log: Log }): Steps {
  const { clock, log } = options
  const records: StepRecord[] = []
  const time: Steps['time'] = async (title, work, isSuccess = () => true) => {
    const startedAt = clock.now()
    const record = (ok: boolean) => {
      const durationMs = clock.now() - startedAt
      records.push({ title, startedAt, durationMs, ok })
      log.info(`${ok ? '✓' : '✗'} ${title} (${formatDuration(durationMs)})`)
    }
    try {
      const result = await work()
      record(isSuccess(result))
      return result
    } catch (error) {
      // A step that finds nothing to do has done its work.
      record(error instanceof Skipped)
      throw error
    }
  }
  return {
    records,
    time,
    run: (title, work) => time(title, () => log.group(title, work)),
  }
}
