import { trainingFails, trainingIsOver, trainingStarts } from './autotrain-log.ts'
import { createMetricLog, type MetricLog } from './log-metrics.ts'
import { withoutSequences } from './terminal-text.ts'

/** How many of the last lines are kept for the report. */
const tailLength = 200

/** Longer lines are cut, in characters. */
const maxLineLength = 10_000

/** Enough of an error to recognise it, in characters. */
const maxErrorLength = 300

/** The last line of a Python traceback, and what shells and kernels print about a program that was killed. */
const errorLine = /^(?:[\w.]+(?:Error|Exception|Exit|Interrupt)\b.*|.*\bKilled\b.*)$/

/** Lines that only AutoTrain prints. */
const autotrainLines = [trainingStarts, trainingIsOver, trainingFails]

/** What is kept of a run's output. All of it is untrusted. */
export interface RunOutput {
  /** Takes one piece of output: one line, or several. */
  add(text: string): void
  /** The last lines, oldest first. */
  readonly tail: readonly string[]
  readonly metrics: MetricLog
  /** The last line that names an error; null when no line does. */
  lastError(): string | null
  /** Whether AutoTrain ran, which ends with exit code 0 even when it failed. */
  readonly ranAutotrain: boolean
  /** Hides the token, as in every line. */
  hide(text: string): string
}

/**
 * Collects the output of a run: lines without colours and without the earlier states of progress bars.
 *
 * @param options.onLine gets each line
 * @param options.onMetrics is called after a line with metrics
 * @param options.hide hides the token in a text: a run has the token and may print it, and reports may be public
 */
export function createRunOutput(options: {
  onLine: (line: string) => void
  onMetrics?: () => void
  hide: (text: string) => string
}): RunOutput {
  const { onLine, onMetrics, hide } = options
  const metrics = createMetricLog()
  const tail: string[] = []
  let ranAutotrain = false
  return {
    metrics,
    tail,
    hide,
    get ranAutotrain() {
      return ranAutotrain
    },
    add(text) {
      for (const line of linesOf(text, hide)) {
        tail.push(line)
        if (tail.length > tailLength) tail.shift()
        onLine(line)
        ranAutotrain ||= autotrainLines.some((pattern) => pattern.test(line))
        if (metrics.add(line)) onMetrics?.()
      }
    },
    lastError: () => {
      const found = tail.findLast((line) => errorLine.test(line.trim()))
      return found === undefined ? null : found.trim().slice(0, maxErrorLength)
    },
  }
}

/** Ends a reason with the last error in the output, if there is one, else with a period. */
export function withLastError(reason: string, output: RunOutput): string {
  const error = output.lastError()
  return error === null ? `${reason}.` : `${reason}: ${error}`
}

/** What CUDA, torch and the kernel print when memory runs out. */
const memoryLine =
  /\bCUDA out of memory\b|\bOutOfMemoryError\b|\bOOM ?Killed\b|can't allocate memory|^\s*MemoryError\b|died with <Signals\.SIGKILL/i

/** Whether the last lines of a run that failed say that memory ran out. */
export function ranOutOfMemory({ tail }: RunOutput): boolean {
  return tail.some((line) => memoryLine.test(line))
}

function linesOf(text: string, hide: (text: string) => string): string[] {
  return hide(withoutSequences(text))
    .split('\n')
    .map((line) => lastState(line).slice(0, maxLineLength))
}

/** What a terminal shows of a line that a progress bar rewrites again and again. */
function lastState(line: string): string {
  return line.split('\r').findLast((state) => state.trim() !== '') ?? ''
}
