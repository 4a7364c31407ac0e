/**
 * Linear warm-up and decay, or one of the simpler schedules:
 * https://huggingface.co/docs/transformers/main_classes/optimizer_schedules
 *
 * @param options `step`: how many steps the schedule has made
 * @returns the rate of the next step
 */
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
