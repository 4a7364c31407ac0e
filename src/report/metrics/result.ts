import { formatDifference, formatMetric } from '../../domain/format.ts'
import {
  describeUnmeasured,
  type UnmeasuredMetric,
  unmeasuredWarning,
} from '../../domain/metrics/measured.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { shortRevision } from '../../domain/revision.ts'
import { headline } from '../headline.ts'
import { code, plain } from '../markdown/markdown.ts'
import { compareByName } from './compare.ts'
import { compareRuns } from './compare-runs.ts'
import { mainMetric } from './metrics.ts'
import { otherValidationData } from './validation.ts'

/**
 * The outcome as a title: of a training that succeeded, its metric and the difference from the last success, such as
 * `eval_accuracy 0.7875, +0.1875 against 774e774`.
 *
 * @returns Markdown
 */
export function resultHeadline(outcome: Outcome): string {
  const lost = compareRuns(outcome)?.unmeasured ?? null
  if (lost !== null && outcome.verdict === 'succeeded') return `⚠️ ${code(lost.name, 60)} was not measured`
  const result = mainResult(outcome)
  if (result === null || result.value === null) return headline(outcome)
  const value = `✅ ${code(result.metric, 60)} ${formatMetric(result.value)}`
  if (result.difference === null || outcome.baseline === null) return value
  const against = code(shortRevision(outcome.baseline.revision))
  return `${value}, ${formatDifference(result.difference)} against ${against}`
}

/**
 * Says in words what the line means: whether the model is better, and what limits the comparison.
 *
 * @returns Markdown parts, most important first; none when the training did not succeed
 */
export function resultParts(outcome: Outcome): string[] {
  if (outcome.verdict !== 'succeeded') return []
  const result = mainResult(outcome)
  const isCompared = result !== null && result.difference !== null
  const isFromTraining = result !== null && /^train_/.test(result.metric)
  return [
    judgement(outcome),
    otherUnmeasured(outcome),
    ...(isCompared && !isFromTraining ? [otherValidationData(outcome)] : []),
    isFromTraining
      ? `Nothing was measured on validation data: ${code(result.metric, 60)} comes from the training itself.`
      : '',
  ]
}

function mainResult({ verdict, end, baseline, recipe }: Outcome): ReturnType<typeof compareByName> | null {
  if (verdict !== 'succeeded' || end === null) return null
  const name = mainMetric({ compareMetric: recipe?.compareMetric ?? null, runs: [end] })
  return name === null ? null : compareByName({ name, run: end, baseline })
}

/** The metrics beside the compared one that count as not measured. */
function otherUnmeasured(outcome: Outcome): string {
  const compared = compareRuns(outcome)?.unmeasured?.name
  const others = (outcome.end?.unmeasured ?? []).filter(({ name }) => name !== compared)
  const warning = unmeasuredWarning(others)
  return warning === null ? '' : `⚠️ ${plain(warning, 1000)}`
}

function judgement(outcome: Outcome): string {
  const comparison = compareRuns(outcome)
  if (comparison === null) return '**Model trained.**'
  const { metric, direction, value, unmeasured, baseline, difference, improved } = comparison
  const name = code(metric, 100)
  if (unmeasured !== null) {
    return `**Model trained.** ⚠️ ${shownReason(unmeasured)}: it counts as not measured, so this run cannot be compared.`
  }
  if (value === null) {
    return `**Model trained.** 🤷 ${name} was not found in its metrics, so this run cannot be compared.`
  }
  if (comparison.baselineUnmeasured !== null) {
    return `🆕 **Model trained.** There is no earlier value to compare it with: in the last success, ${shownReason(comparison.baselineUnmeasured)}.`
  }
  if (baseline === null || difference === null || improved === null) {
    return '🆕 **Model trained.** There is no earlier value to compare it with.'
  }
  const before = `which had ${formatMetric(baseline)}`
  if (improved) return `📈 **Model trained, and better than the last success**, ${before}.`
  const gain = direction === 'max' ? difference : -difference
  if (gain <= 0) return `📉 **Model trained, but not better than the last success**, ${before}.`
  const required = formatMetric(outcome.recipe?.minImprovement ?? 0)
  return `📉 **Model trained, but not better by enough than the last success**, ${before}: ${code('min-improvement')} is ${required}.`
}

function shownReason(unmeasured: UnmeasuredMetric): string {
  return describeUnmeasured(unmeasured, code(unmeasured.name, 100))
}
