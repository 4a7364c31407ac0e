import { formatDuration, formatUsd } from '../domain/format.ts'
import type { Outcome } from '../domain/outcome.ts'
import { knownFailure } from './known-failures.ts'
import { modelLink } from './markdown/links.ts'
import { code, link, plain } from './markdown/markdown.ts'

/**
 * Formats what the run cost, its maximum and its budget as Markdown.
 *
 * @param options.namesBudget false in discussions, which never name a budget
 */
export function costText({ plan, end, recipe }: Outcome, { namesBudget }: { namesBudget: boolean }): string {
  const spent = end?.cost ?? null
  const max = plan?.cost?.max ?? null
  const parts = [
    ...(spent === null ? [] : [`**${escapedUsd(spent)}** spent`]),
    ...(max === null ? [] : [`at most ${escapedUsd(max)}`]),
    ...(recipe === null || max === null || !namesBudget
      ? []
      : [`budget ${escapedUsd(recipe.maxCost)} per run`]),
  ]
  return parts.length === 0 ? 'not known in advance' : parts.join(' · ')
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

/** @returns Markdown parts with the likely cause of a failed training and how to fix it; none when it is unknown */
export function likelyCause({ verdict, reason, end, recipe }: Outcome): string[] {
  if (verdict !== 'failed') return []
  const columns = Object.values(recipe?.columnMapping ?? {})
  const failure = knownFailure({ reason, logTail: end?.logTail ?? [], columns })
  return failure === null ? [] : [`**Likely cause:** ${failure.cause}`, `**What to do:** ${failure.advice}`]
}

/**
 * @param mask hides what the reader may not know
 * @returns Markdown parts about what the training did otherwise than the recipe asked; none where it did as asked
 */
export function trainingWarnings({ end }: Outcome, mask: (text: string) => string): string[] {
  return (end?.warnings ?? []).map((warning) => `⚠️ ${plain(mask(warning), 1000)}`)
}
