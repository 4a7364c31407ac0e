import type { Check, CheckVerdict } from '../../../domain/plan/checks.ts'
import type { Recipe } from '../../../domain/recipe.ts'
import type { DataSource } from '../dataset-layout.ts'
import { comparisonProblem, isTrainingMetric } from '../validation.ts'

/**
 * Checks that what `compare-metric` compares is measured, and measured on the same data each time.
 *
 * @param options.source how AutoTrain reads the data; what it validates on
 */
export function measureCheck({
  recipe,
  source,
}: {
  recipe: Recipe
  source: Pick<DataSource, 'validation'>
}): Check {
  const { compareMetric, image, trainer } = recipe
  const check = (found: string, verdict: CheckVerdict = 'passed', advice: string | null = null): Check => ({
    id: 'validation',
    title: compareMetric === null ? 'Validation' : `Compare ${compareMetric}`,
    found,
    verdict,
    advice,
  })
  if (trainer !== 'autotrain') {
    const found = trainer === 'autotrain-classic' ? 'the service decides' : 'the script decides'
    return check(found, compareMetric === null ? 'passed' : 'unknown')
  }
  const measured = measuredOn(recipe, source)
  const problem = comparisonProblem(recipe, source)
  if (problem !== null) return check(measured, image === null ? 'refused' : 'warned', problem)
  if (compareMetric === null || source.validation !== 'fifth' || isTrainingMetric(compareMetric))
    return check(measured)
  return check(
    measured,
    'warned',
    'compare-metric: after each change of the data the values are compared on another random part of the data, so that ' +
      'a small difference means little: set valid-split to compare on the same examples.',
  )
}

function measuredOn(
  { trainSplit, validSplit }: Recipe,
  { validation }: Pick<DataSource, 'validation'>,
): string {
  switch (validation) {
    case 'split':
      return `the split ${validSplit}`
    case 'fifth':
      return `a random fifth of ${trainSplit}`
    case 'none':
      return 'nothing is measured'
  }
}
