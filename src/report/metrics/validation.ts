import { type Change, changedFileCount } from '../../domain/change/change.ts'
import type { Metrics } from '../../domain/metrics/compare.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { formatCount, formatInteger } from '../../domain/text/format.ts'
import { code } from '../markdown/markdown.ts'

/** What the example scripts of transformers call the number of validation examples. */
export const sizeNames: readonly string[] = [
  'eval_samples',
  'eval_num_samples',
  'eval_examples',
  'eval_num_examples',
]

/** The spellings of a split that the `datasets` library treats as one. https://huggingface.co/docs/hub/datasets-file-names-and-splits */
const splitWords = [
  ['validation', 'valid', 'val', 'dev'],
  ['test', 'testing', 'eval', 'evaluation'],
] as const

/** @returns on how many examples the metrics were measured; null when the run does not say */
function validationExamples(metrics: Metrics): number | null {
  const counts = sizeNames.flatMap((name) => (Object.hasOwn(metrics, name) ? [metrics[name]] : []))
  return counts.find((count) => count !== undefined && Number.isSafeInteger(count) && count > 0) ?? null
}

/** @returns one Markdown sentence about what the metrics were measured on; empty when the run does not say */
export function measuredOn(metrics: Metrics): string {
  const count = validationExamples(metrics)
  return count === null ? '' : `Measured on ${formatCount(count, 'validation example')}.`
}

/**
 * Warns that a difference compares two measurements on different validation data.
 *
 * @returns one Markdown sentence; empty when the data is the same, or nothing says that it differs
 */
export function otherValidationData(outcome: Outcome): string {
  const { end, baseline, revision, recipe } = outcome
  if (end === null || baseline === null || recipe === null || revision === null) return ''
  if (baseline.revision === revision) return ''
  const now = validationExamples(end.metrics)
  const then = validationExamples(baseline.metrics)
  if (now !== null && then !== null && now !== then) {
    return sentence(`${formatInteger(now)} examples now, ${formatInteger(then)} before`)
  }
  const since = outcome.change?.from === baseline.revision ? outcome.change : null
  if (since !== null && (since.relevant === 0 || changedFileCount(since) === 0)) return ''
  const { validSplit, trainer } = recipe
  const isAutotrain = trainer === 'autotrain' || trainer === 'autotrain-classic'
  if (validSplit === null && isAutotrain) {
    return sentence('AutoTrain took the examples out of the training data, which changed')
  }
  if (since === null) {
    return validSplit === null ? '' : sentence(`each is the ${code(validSplit)} split of its own commit`)
  }
  return changesSplit(since, validSplit) ? sentence('its files changed as well') : ''
}

function sentence(why: string): string {
  return `⚖️ The two values come from different validation data: ${why}.`
}

/** @param split null: the script chooses, and a usual name is enough */
function changesSplit({ files, counts }: Change, split: string | null): boolean {
  const words = split === null ? splitWords.flat() : spellingsOf(split.toLowerCase())
  const total = changedFileCount({ counts, files, from: null, relevant: 0 })
  const touched = files.some(({ path }) => {
    const parts = path.toLowerCase().split(/[/._\s-]+/)
    return words.some((word) => parts.includes(word))
  })
  // Files beyond those that are listed may belong to the split.
  return touched || (split !== null && total > files.length)
}

function spellingsOf(split: string): readonly string[] {
  return splitWords.find((words) => (words as readonly string[]).includes(split)) ?? [split]
}
