import { type Comparison, compareByName, isSameMetric } from '../../domain/metrics/compare.ts'
import {
  describeUnmeasured,
  type UnmeasuredMetric,
  unmeasuredWarning,
} from '../../domain/metrics/measured.ts'
import { ownMetrics } from '../../domain/metrics/published-metrics.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { shortRevision } from '../../domain/revision.ts'
import { formatDifference, formatMetric } from '../../domain/text/format.ts'
import { headline, isOwnPublication, publicationTitle } from '../headline.ts'
import { code, plain } from '../markdown/markdown.ts'
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
  const published = publicationTitle(outcome, code)
  if (published !== null && !isOwnPublication(outcome)) return published
  const lost = compareRuns(outcome)?.unmeasured ?? null
  if (lost !== null && outcome.verdict === 'succeeded') {
    const what = `${code(lost.name, 60)} was not measured`
    return published === null ? `⚠️ ${what}` : `${published.replace('✅', '⚠️')}: ${what}`
  }
  const value = resultValue(outcome)
  if (value === null) return published ?? headline(outcome)
  return published === null ? `✅ ${value}` : `${published}: ${value}`
}

/** The run's metric and its difference; null when nothing was measured. */
function resultValue(outcome: Outcome): string | null {
  const result = mainResult(outcome)
  if (result === null || result.value === null) return null
  const value = `${code(result.metric, 60)} ${formatMetric(result.value)}`
  if (result.difference === null || result.against === null) return value
  return `${value}, ${formatDifference(result.difference)} against ${code(shortRevision(result.against))}`
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
    ...(isCompared && !isFromTraining ? [otherData(outcome)] : []),
    isFromTraining
      ? `Nothing was measured on validation data: ${code(result.metric, 60)} comes from the training itself.`
      : '',
  ]
}

/** The metric that represents the run, beside that of the run with this revision. */
interface MainResult extends Pick<Comparison, 'metric' | 'value' | 'difference'> {
  readonly against: string | null
}

function mainResult({ verdict, end, baseline, recipe, publication }: Outcome): MainResult | null {
  if (verdict !== 'succeeded' || end === null) return null
  const run = ownMetrics(end, { publishes: recipe?.publishTo != null })
  const metric = mainMetric({ compareMetric: recipe?.compareMetric ?? null, runs: [run] })
  if (metric === null) return null
  const gate = publication?.gate ?? null
  if (publication === null || gate === null || !isSameMetric(gate.metric, metric)) {
    return { ...compareByName({ name: metric, run, baseline }), against: baseline?.revision ?? null }
  }
  const { value, baseline: before } = gate
  const difference = value === null || before === null ? null : value - before
  const compared = publication.end === 'published' ? publication.replaced : publication.now
  return { metric: gate.metric, value, difference, against: compared?.revision ?? null }
}

/** What limits the comparison: the two values were measured on different rows. */
function otherData(outcome: Outcome): string {
  const rows = outcome.publication?.gate?.rows
  if (rows === 'same') return ''
  if (rows !== 'other') return otherValidationData(outcome)
  return '⚖️ The two values come from different validation data: that of the published model is what its own training measured.'
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
  const gate = outcome.publication?.gate ?? null
  if (baseline === null || difference === null || improved === null) {
    const earlier = gate === null ? 'earlier value' : 'value of a published model'
    return `🆕 **Model trained.** There is no ${earlier} to compare it with.`
  }
  const before = `which had ${formatMetric(baseline)}${gate?.rows === 'same' ? ' on the same rows' : ''}`
  const other = comparedWith(outcome)
  if (improved) return `📈 **Model trained, and better than ${other}**, ${before}.`
  const gain = direction === 'max' ? difference : -difference
  if (gain <= 0) return `📉 **Model trained, but not better than ${other}**, ${before}.`
  const required = formatMetric(outcome.recipe?.minImprovement ?? 0)
  return `📉 **Model trained, but not better by enough than ${other}**, ${before}: ${code('min-improvement')} is ${required}.`
}

function comparedWith({ publication }: Outcome): string {
  if (publication === null || publication.gate === null) return 'the last success'
  return publication.end === 'published' ? 'the model published before' : 'the published model'
}

function shownReason(unmeasured: UnmeasuredMetric): string {
  return describeUnmeasured(unmeasured, code(unmeasured.name, 100))
}
