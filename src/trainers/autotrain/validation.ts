import { readCompareMetric } from '../../domain/metrics/compare-metric.ts'
import type { Recipe } from '../../domain/recipe.ts'
import type { DataSource } from './dataset-layout.ts'

/** Metrics that AutoTrain prints while it trains, without validation data. */
const trainingMetrics = /^(?:train_\w+|loss|grad_norm|learning_rate)$/

/** One line of the plan: what the model is measured on. */
export function validationStep({ trainSplit, validSplit }: Recipe, { validation }: DataSource): string {
  switch (validation) {
    case 'split':
      return `Validate on the split ${validSplit}`
    case 'fifth':
      return `Validate on a fifth of the split ${trainSplit}, which AutoTrain sets aside`
    case 'none':
      return 'Train with no validation: nothing will be measured (valid-split names a split to measure on)'
  }
}

/** Why a recipe's comparison of models would have nothing to compare, as a sentence; null when it has, or asks for none. */
export function comparisonProblem(
  { compareMetric }: Recipe,
  { validation }: Pick<DataSource, 'validation'>,
): string | null {
  if (compareMetric === null || validation !== 'none') return null
  if (isTrainingMetric(compareMetric)) return null
  return (
    `compare-metric: ${nameOf(compareMetric)} would never be measured, because there is no validation split and AutoTrain sets none ` +
    'aside here (only of class folders in train/ and of a top-level train.csv or train.jsonl, not for llm tasks): set ' +
    'valid-split, or remove compare-metric.'
  )
}

/** Whether a metric of `compare-metric` is measured on the training data, so that it needs no validation. */
export function isTrainingMetric(compareMetric: string): boolean {
  return trainingMetrics.test(nameOf(compareMetric))
}

const nameOf = (compareMetric: string) => readCompareMetric(compareMetric)?.name ?? compareMetric
