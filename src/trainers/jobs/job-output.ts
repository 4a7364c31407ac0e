import type { LogTaker } from '../../hub/jobs/logs.ts'
import { createRunOutput, type RunOutput } from '../output/run-output.ts'

/** Shown before lines that belong further up, and after them. */
const lateLinesBegin = '===== Lines that an interrupted connection to the log left out ====='
const lateLinesEnd = '===== The log continues ====='

/** The output of a Job, from its live log and from the whole one at its end. */
export interface JobOutput extends LogTaker {
  /** What the live log has shown so far. */
  readonly live: RunOutput
  /** The output to judge the Job by: of the whole log, unless the Hub sent fewer lines of it than live. */
  readonly best: RunOutput
}

/**
 * Collects the output of a Job.
 *
 * @param options.onLine gets each line of the live log, and a heading before and after lines that come late
 * @param options.onMetrics is called after a line with metrics
 * @param options.hide hides the token in a text
 */
export function createJobOutput(options: {
  onLine: (line: string) => void
  onMetrics?: () => void
  hide: (text: string) => string
}): JobOutput {
  const { onLine, hide } = options
  const live = createRunOutput(options)
  let whole: RunOutput | null = null
  let count = 0
  let wasLate = false
  return {
    live,
    get best() {
      return whole ?? live
    },
    take({ text, isLate }) {
      if (isLate !== wasLate) onLine(isLate ? lateLinesBegin : lateLinesEnd)
      wasLate = isLate
      count += 1
      live.add(text)
    },
    again() {
      const output = createRunOutput({ onLine: () => undefined, hide })
      let sent = 0
      return {
        take(text) {
          sent += 1
          output.add(text)
        },
        end() {
          if (sent >= count) whole = output
        },
      }
    },
  }
}
