import { findMetric, type Metrics } from './compare.ts'
import { directionOf } from './direction.ts'

/** What says how fast or how far, not how well. https://huggingface.co/docs/transformers/main_classes/trainer */
const aboutSpeed = /runtime|per_second|(?:^|_)(?:epoch|step|steps|flos|learning_rate|grad_norm|num_\w+)$/

/** Names that say most about a model come first. */
const ranks = [/(?:^|_)accuracy$/, /(?:^|_)f1(?:_macro)?$/, /(?:^|_)(?:exact_match|auc|wer|bleu|rouge\w*)$/i]

/** How many of a run's metrics anybody reads. */
const maxMetrics = 60

/** Whether a metric says how well a model does, and not how fast it was trained. */
export function isQuality(name: string): boolean {
  return !aboutSpeed.test(name)
}

/** The names of metrics in the order that people read them: how well first, then the losses, then how fast. */
export function orderedNames(metrics: Metrics): string[] {
  const names = Object.keys(metrics).filter((name) => Number.isFinite(metrics[name]))
  return byImportance(names).slice(0, maxMetrics)
}

/** Names of metrics, each once, those that say most about a model first. */
export function byImportance(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted((a, b) => rankOf(a) - rankOf(b) || a.localeCompare(b, 'en'))
}

/**
 * The one metric that stands for a run where there is room for one.
 *
 * @param options.compareMetric the recipe's; it is taken where one of the runs has it
 * @param options.runs metrics of the runs that will stand side by side
 * @returns null when nothing was measured
 */
export function mainMetric(options: {
  compareMetric: string | null
  runs: readonly Metrics[]
}): string | null {
  const asked = options.compareMetric?.replace(/:(?:min|max)$/, '')
  const found = asked === undefined ? null : options.runs.map((run) => findMetric(run, asked)).find(Boolean)
  if (found) return found
  const names = orderedNames(Object.assign({}, ...options.runs)).filter(isQuality)
  return names[0] ?? null
}

function rankOf(name: string): number {
  if (!isQuality(name)) return 100
  const rank = ranks.findIndex((pattern) => pattern.test(name))
  if (rank !== -1) return rank
  const direction = directionOf(name)
  if (direction === 'max') return 10
  return direction === 'min' ? 20 : 30
}
