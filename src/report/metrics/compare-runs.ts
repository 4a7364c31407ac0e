import { type Comparison, compare } from '../../domain/metrics/compare.ts'
import { compareGate } from '../../domain/metrics/gate.ts'
import type { Outcome } from '../../domain/outcome.ts'

/**
 * Compares a run by the recipe's `compare-metric` with what is published, where that was done before it was published,
 * else with the last successful run.
 *
 * @returns null when the recipe names no metric, or the run has not succeeded
 */
export function compareRuns({ recipe, end, baseline, publication }: Outcome): Comparison | null {
  if (recipe === null || recipe.compareMetric === null) return null
  const { compareMetric, minImprovement } = recipe
  const succeeded = end?.verdict === 'succeeded' ? end : null
  const own = succeeded && compare({ compareMetric, minImprovement, run: succeeded, baseline })
  const gate = publication?.gate ?? null
  if (gate === null) return own
  const found = compareGate(gate, { compareMetric, minImprovement })
  return found === null || gate.value !== null ? found : { ...found, unmeasured: own?.unmeasured ?? null }
}
