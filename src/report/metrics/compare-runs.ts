import type { Outcome } from '../../domain/outcome.ts'
import { type Comparison, compare } from './compare.ts'

/**
 * Compares a run with the last successful one by the recipe's `compare-metric`.
 *
 * @returns null when the recipe names no metric, or the run has not succeeded
 */
export function compareRuns({ recipe, end, baseline }: Outcome): Comparison | null {
  if (recipe === null || end?.verdict !== 'succeeded') return null
  const { compareMetric, minImprovement } = recipe
  return compare({ compareMetric, minImprovement, run: end, baseline })
}
