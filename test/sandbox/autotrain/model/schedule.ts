import { log } from '../logger.ts'
import { float, repr } from '../python.ts'

/** What one training prints on its way. */
export interface Reporter {
  metrics(values: Readonly<Record<string, number>>): void
  /** A bar on standard error that overwrites itself. */
  progress(step: number): void
}

/** Linear warm-up and decay, or one of the simpler schedules: https://huggingface.co/docs/transformers/main_classes/optimizer_schedules */
export function learningRateAt(options: {
  step: number
  total: number
  peak: number
  warmupRatio: number
  scheduler: string
}): number {
  const { step, total, peak, warmupRatio, scheduler } = options
  const warmup = Math.ceil(total * warmupRatio)
  if (step < warmup) return (peak * step) / Math.max(1, warmup)
  if (scheduler === 'constant' || scheduler === 'constant_with_warmup') return peak
  return peak * Math.max(0, (total - step) / Math.max(1, total - warmup))
}

/**
 * @param options `total`: steps of the whole training
 * @returns a reporter that prints to this process's streams
 */
export function createReporter(options: { total: number }): Reporter {
  return {
    metrics(values) {
      const marked = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, float(value)]))
      log('INFO', 'autotrain.trainers.common:on_log:367', repr(marked))
    },
    progress(step) {
      const share = step / options.total
      const bar = '█'.repeat(Math.floor(share * 10)).padEnd(10)
      process.stderr.write(
        `\r${String(Math.floor(share * 100)).padStart(3)}%|${bar}| ${step}/${options.total}`,
      )
      if (step === options.total) process.stderr.write('\n')
    },
  }
}
