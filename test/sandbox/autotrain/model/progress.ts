import { log } from '../logger.ts'
import { float, repr } from '../python.ts'
import type { Bars } from './bars.ts'
import { createBars, drawBar } from './bars.ts'

/** tqdm draws no more often than this, in milliseconds. */
const DRAWN_EVERY_MS = 100

/** Values by name, in the order in which they are printed. */
export type Values = Readonly<Record<string, number>>

/** What one training prints on its way. */
export interface Progress {
  readonly bars: Bars
  /** Twice, as the Trainer's own callback prints what AutoTrain's has logged: there with the epoch of two digits. */
  metrics(values: Values): void
  /** Once: after the training there is no bar left that would print it too. */
  lastMetrics(values: Values): void
  step(step: number): void
  /** Draws a bar of its own around one evaluation, below the training's while there is one. */
  evaluating<T>(evaluate: () => T, report: (result: T) => void): T
  /** The training's own bar is done. */
  end(): void
}

function logged(values: Values): void {
  const marked = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, float(value)]))
  log('INFO', 'autotrain.trainers.common:on_log:367', repr(marked))
}

function printedBare(values: Values): void {
  const epoch = Math.round((values.epoch ?? 0) * 100) / 100
  const marked = Object.entries({ ...values, epoch }).map(([name, value]) => [name, float(value)])
  process.stdout.write(`${repr(Object.fromEntries(marked))}\n`)
}

/**
 * @param options `total`: steps of the whole training
 * @returns progress that prints to this process's streams, from the first state of the bar on
 */
export function createProgress(options: { total: number }): Progress {
  const { total } = options
  const bars = createBars((text) => process.stderr.write(text))
  const startedAt = Date.now()
  const seconds = (since = startedAt) => (Date.now() - since) / 1000
  let drawnAt = startedAt
  let isTraining = true
  let done = 0
  bars.show(0, drawBar({ done, total, seconds: 0 }))
  // Whatever ends the program but a signal closes the bar.
  process.once('exit', () => {
    if (isTraining) bars.end(0, { left: drawBar({ done, total, seconds: seconds() }) })
  })
  return {
    bars,
    metrics(values) {
      logged(values)
      bars.around(() => printedBare(values))
    },
    lastMetrics: logged,
    step(step) {
      done = step
      const isDrawn = Date.now() - drawnAt >= DRAWN_EVERY_MS || step === 1 || step === total
      if (isDrawn) drawnAt = Date.now()
      bars.show(0, drawBar({ done: step, total, seconds: seconds() }), { isDrawn })
    },
    evaluating(evaluate, report) {
      const row = isTraining ? 1 : 0
      const since = Date.now()
      bars.show(row, drawBar({ done: 0, total: 1, seconds: 0 }))
      const result = evaluate()
      report(result)
      const left = drawBar({ done: 1, total: 1, seconds: seconds(since) })
      if (isTraining) {
        bars.show(row, left)
        bars.end(row)
      } else bars.end(row, { left })
      return result
    },
    end() {
      isTraining = false
      bars.end(0, { left: drawBar({ done: total, total, seconds: seconds() }) })
    },
  }
}
