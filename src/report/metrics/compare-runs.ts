import type { Outcome } from '../../domain/outcome.ts'
import { type Comparison, compare } from './compare.ts'

/**
 * Holds a run against the newest success before it, as its recipe asks.
 *
 * @returns null when the recipe does not ask, or the run has not succeeded
 */
export function compareRuns({ recipe, end, baseline }: Outcome): Comparison | null {
  if (recipe === null || end?.verdict !== 'succeeded') return null
  const { compareMetric, minImprovement } = recipe
  return compare({
    compareMetric,
    minImprovement,
    metrics: end.metrics,
    baseline: baseline?.metrics ?? null,
  })
}
