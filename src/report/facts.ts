import type { Outcome } from '../domain/outcome.ts'
import { formatDuration, formatUsd } from '../domain/text/format.ts'
import { needsReview } from './headline.ts'
import { knownFailure } from './known-failures.ts'
import { modelLink } from './markdown/links.ts'
import { code, link, plain } from './markdown/markdown.ts'

/**
 * Formats what a run cost and its maximum as Markdown.
 *
 * @returns empty when no training was started, or the reader may not know its price
 */
export function costText(outcome: Outcome): string {
  const { plan, end, run } = outcome
  if (run === null || needsReview(outcome)) return ''
  const spent = end?.cost ?? null
  const max = plan?.cost?.max ?? null
  const limit = max === null ? '' : `at most ${escapedUsd(max)}`
  if (spent === null) return limit === '' ? '' : `💰 ${limit}`
  return `💰 **${escapedUsd(spent)}** spent${limit === '' ? '' : `, ${limit}`}`
}

/** Formats the recipe's limit on the cost of a run, beside what the plan says, as Markdown; null without a price. */
export function budgetText({ plan, recipe }: Outcome): string | null {
  if (recipe === null || plan === null) return null
  const budget = `${escapedUsd(recipe.maxCost)} per run`
  return plan.cost === null ? `${budget}; the price is not known in advance` : budget
}

/** Markdown renderers read the text between two bare dollar signs as a formula. */
function escapedUsd(amount: number): string {
  return plain(formatUsd(amount))
}

/** Formats the hardware and its time limit as Markdown; null when the trainer chooses none. */
export function hardwareText({ plan }: Outcome): string | null {
  if (plan === null || !plan.hardware) return null
  const limit = plan.timeoutMs === null ? '' : `, at most ${formatDuration(plan.timeoutMs)}`
  return `${code(plan.hardware)}${limit}`
}

/** Formats the name of the run's model as Markdown: a link once the model exists. */
export function modelText(options: {
  hubUrl: string
  /** `namespace/name` */
  model: string
  verdict: Outcome['verdict']
}): string {
  const { hubUrl, model, verdict } = options
  if (verdict === 'succeeded') return modelLink(hubUrl, model)
  return verdict === 'failed' || verdict === 'cancelled' ? `${code(model)} (not finished)` : code(model)
}

/**
 * Says what a person has to do before the training can begin.
 *
 * @param mask hides what the reader may not know
 * @returns Markdown; empty when there is nothing to do
 */
export function nextStepNotice(run: Outcome['run'], mask: (text: string) => string = (text) => text): string {
  if (run === null || run.nextStep === null) return ''
  const step = link(plain(mask(run.nextStep)), run.url)
  return `**Next step:** ${step}. Until then nothing is trained and nothing is charged.`
}

/** @returns the likely cause of a failed training as Markdown; empty when it is unknown */
export function likelyCause(outcome: Outcome): string {
  const failure = failureOf(outcome)
  return failure === null ? '' : `**Likely cause:** ${failure.cause}`
}

/** @returns how to fix a failed training, as Markdown; null when its cause is unknown */
export function adviceFor(outcome: Outcome): string | null {
  return failureOf(outcome)?.advice ?? null
}

function failureOf({ verdict, reason, end, recipe }: Outcome) {
  if (verdict !== 'failed') return null
  const columns = Object.values(recipe?.columnMapping ?? {}).flat()
  return knownFailure({ reason, logTail: end?.logTail ?? [], trainer: recipe?.trainer, columns })
}

/**
 * @param mask hides what the reader may not know
 * @returns Markdown parts about what the training did otherwise than the recipe asked; none where it did as asked
 */
export function trainingWarnings({ end }: Outcome, mask: (text: string) => string): string[] {
  return (end?.warnings ?? []).map((warning) => `⚠️ ${plain(mask(warning), 1000)}`)
}
