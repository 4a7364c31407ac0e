import { stripVTControlCharacters } from 'node:util'
import { createMetricLog, type MetricLog } from './log-metrics.ts'

/** How many of the last lines are kept for the report. */
const tailLength = 200

/** Of a longer line the rest is not kept. */
const maxLineLength = 10_000

/** Enough of an error to know it by. */
const maxCauseLength = 300

/** The last line of a Python traceback, and what shells and kernels say of a program that was killed. */
const cause = /^(?:[\w.]+(?:Error|Exception|Exit|Interrupt)\b.*|.*\bKilled\b.*)$/

/** AutoTrain's log, of which the last word counts. */
const autotrainSays: readonly (readonly [RegExp, AutotrainState])[] = [
  [/ \| autotrain\.backends\.local:\w+:\d+ - Starting local training/, 'unfinished'],
  [/ - Finished training, saving model/, 'finished'],
  [/^ERROR +\| .* has failed due to an exception/, 'unfinished'],
]

/** How far AutoTrain itself came, by its log: its exit code is 0 all the same. Null: it did not run. */
type AutotrainState = 'unfinished' | 'finished' | null

/** What a run printed, as far as it matters. All of it is from outside. */
export interface RunOutput {
  /** Takes one piece of output: one line, or several. */
  add(text: string): void
  /** The last lines, oldest first. */
  readonly tail: readonly string[]
  readonly metrics: MetricLog
  /** The last line that names an error; null when none does. */
  cause(): string | null
  /** By the log of AutoTrain, where that ran. */
  readonly autotrain: AutotrainState
  /** Hides the token, as in every line. */
  hide(text: string): string
}

/**
 * Collects what a run prints: lines without colours and without the earlier states of progress bars.
 *
 * @param options.onLine gets each line
 * @param options.onMetrics is told when a line had metrics
 * @param options.hide hides the token in a text: a run knows it and may print it, and reports are for everybody
 */
export function createRunOutput(options: {
  onLine: (line: string) => void
  onMetrics?: () => void
  hide: (text: string) => string
}): RunOutput {
  const { onLine, onMetrics, hide } = options
  const metrics = createMetricLog()
  const tail: string[] = []
  let autotrain: AutotrainState = null
  return {
    metrics,
    tail,
    hide,
    get autotrain() {
      return autotrain
    },
    add(text) {
      for (const line of linesOf(text, hide)) {
        tail.push(line)
        if (tail.length > tailLength) tail.shift()
        onLine(line)
        autotrain = autotrainSays.find(([said]) => said.test(line))?.[1] ?? autotrain
        if (metrics.add(line)) onMetrics?.()
      }
    },
    cause: () => {
      const found = tail.findLast((line) => cause.test(line.trim()))
      return found === undefined ? null : found.trim().slice(0, maxCauseLength)
    },
  }
}

function linesOf(text: string, hide: (text: string) => string): string[] {
  return hide(stripVTControlCharacters(text))
    .split('\n')
    .map((line) => lastState(line).slice(0, maxLineLength))
}

/** What a terminal shows of a line in which a progress bar goes back to its beginning again and again. */
function lastState(line: string): string {
  return line.split('\r').findLast((state) => state.trim() !== '') ?? ''
}
