import { causeInLog } from '../../domain/log/errors-in-log.ts'
import { lastLineOf } from '../../domain/log/last-line.ts'
import { saysMemoryRanOut } from '../../domain/log/memory.ts'
import { saysInstalled, type UvError, uvErrorAtEnd } from '../../domain/log/uv.ts'
import { joinMeasured, type Measured } from '../../domain/metrics/measured.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { cutText } from '../../domain/text/cut.ts'
import {
  dropsParameters,
  pushFailed,
  pushStarts,
  trainingFails,
  trainingIsOver,
  trainingStarts,
} from './autotrain-log.ts'
import { createMetricLog, type MetricLog } from './log-metrics.ts'
import { withoutSequences } from './terminal-text.ts'

/** How many of the last lines are kept for the report. */
const tailLength = 200

/** How many of the last lines may have the cause: eight ranks that fail print eight tracebacks. */
const recentLength = 1000

/** Longer lines are cut, in characters. */
const maxLineLength = 10_000

/** An error is recognised by its beginning, in characters. */
const maxErrorLength = 2000

/** Lines that only AutoTrain prints. */
const autotrainLines = [trainingStarts, trainingIsOver, trainingFails]

/** What is kept of a run's output. All of it is untrusted. */
export interface RunOutput {
  /** Takes one piece of output: one line, or several. */
  add(text: string): void
  /** The last lines, oldest first. */
  readonly tail: readonly string[]
  readonly metrics: MetricLog
  /** The error that is most likely the cause, in one line; null when the last lines have none. */
  lastError(): string | null
  /** The error of uv before it ran the script; null when the output does not end with one, or the script ran. */
  setupError(): UvError | null
  /** Whether AutoTrain ran, which ends with exit code 0 even when it failed. */
  readonly ranAutotrain: boolean
  /** How far a push came as the output shows it: null before, or where AutoTrain did not train. */
  readonly push: 'started' | 'failed' | null
  /** The parameters that AutoTrain said it does not know. */
  readonly droppedParameters: ReadonlySet<string>
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
  const recent: string[] = []
  const droppedParameters = new Set<string>()
  let ranAutotrain = false
  let isInstalled = false
  let push: RunOutput['push'] = null
  return {
    metrics,
    tail,
    droppedParameters,
    hide,
    get ranAutotrain() {
      return ranAutotrain
    },
    get push() {
      return push
    },
    add(text) {
      for (const line of linesOf(text, hide)) {
        tail.push(line)
        if (tail.length > tailLength) tail.shift()
        recent.push(line.slice(0, maxErrorLength))
        if (recent.length > recentLength) recent.shift()
        onLine(line)
        ranAutotrain ||= autotrainLines.some((pattern) => pattern.test(line))
        isInstalled ||= saysInstalled(line)
        if (pushFailed.test(line)) push = 'failed'
        else if (pushStarts.test(line)) push = 'started'
        for (const name of droppedIn(line)) droppedParameters.add(name)
        if (metrics.add(line)) onMetrics?.()
      }
    },
    lastError: () => causeInLog(recent, tailLength),
    setupError() {
      const error = isInstalled ? null : uvErrorAtEnd(recent)
      return error?.isBeforeScript === true ? error : null
    },
  }
}

function droppedIn(line: string): string[] {
  return dropsParameters.exec(line)?.[1]?.split(', ') ?? []
}

/**
 * Says which of a recipe's parameters AutoTrain trained without. It names no others: AutoTrain also counts some of its
 * own among them.
 */
export function warningsOf({ droppedParameters }: RunOutput, { params }: Recipe): string[] {
  const names = Object.keys(params).filter((name) => droppedParameters.has(name))
  if (names.length === 0) return []
  const them = names.length === 1 ? 'it' : 'them'
  return [
    `params: AutoTrain does not know ${names.join(', ')} and trained without ${them}: correct or remove ${them}.`,
  ]
}

/**
 * The last metrics of a run: what its script reports counts first, then what its model says, then its log.
 *
 * @param ofModel what the files and the card of its model say
 */
export function finalMetrics({ metrics }: RunOutput, ofModel: Measured): Measured {
  return joinMeasured(joinMeasured(metrics.final(), ofModel), metrics.reported())
}

/** The names of the metrics in a run's log. */
export function metricNamesIn({ metrics }: RunOutput): ReadonlySet<string> {
  const { metrics: measured, unmeasured } = metrics.final()
  return new Set([...Object.keys(measured), ...unmeasured.map(({ name }) => name)])
}

/** Ends a reason with the error in the output that is most likely the cause, if there is one, else with a period. */
export function withLastError(reason: string, output: RunOutput): string {
  const error = output.lastError()
  return error === null ? `${reason}.` : `${reason}: ${error}`
}

/**
 * Ends a reason with the likely cause as {@link withLastError} does; where the output has no error, with the last line that
 * says something, which is called that: it may have nothing to do with the failure.
 */
export function withLastErrorOrLine(reason: string, output: RunOutput): string {
  const line = output.lastError() === null ? lastLineOf(output.tail) : null
  return line === null ? withLastError(reason, output) : `${reason}. Its last line: ${line}`
}

/** What CUDA, torch and the kernel print when memory runs out, which may be hidden by the errors that follow. */
const memoryLine =
  /\bCUDA out of memory\b|\bOutOfMemoryError\b|\bOOM ?Killed\b|can't allocate memory|^\s*MemoryError\b|died with <Signals\.SIGKILL/i

/** Whether the output of a run that failed says that memory ran out. */
export function ranOutOfMemory(output: RunOutput): boolean {
  return saysMemoryRanOut(output.lastError() ?? '') || output.tail.some((line) => memoryLine.test(line))
}

/** What the Hub's client says when the Hub or the way to it failed, so that the same push may succeed later. */
const passingFailure =
  /\b5\d\d Server Error\b|\b(?:Connect(?:ion)?|Read|Write|Chunked\w*|SSL|Proxy)(?:Timeout|Error)\b|Max retries exceeded|Connection reset/

/** Whether a push failed for a reason that may pass. */
export function isPassing(output: RunOutput): boolean {
  return passingFailure.test(output.lastError() ?? '')
}

function linesOf(text: string, hide: (text: string) => string): string[] {
  return hide(withoutSequences(text))
    .split('\n')
    .map((line) => cutText(lastState(line), maxLineLength))
}

/** What a terminal shows of a line that a progress bar rewrites again and again. */
function lastState(line: string): string {
  return line.split('\r').findLast((state) => state.trim() !== '') ?? ''
}
