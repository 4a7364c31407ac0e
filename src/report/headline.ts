import type { Outcome } from '../domain/outcome.ts'
import { shortRevision } from '../domain/revision.ts'
import type { Verdict } from '../domain/verdict.ts'

const headlines: Readonly<Record<Verdict, string>> = {
  skipped: '⏭️ Skipped: no training started',
  refused: '⛔ Not started: the configuration needs a fix',
  planned: '📝 Dry run: nothing was started',
  started: '🚀 Training started',
  succeeded: '✅ Model trained',
  failed: '❌ Failed',
  cancelled: '🛑 Cancelled',
}

/** What a title is made of. */
type Titled = Pick<Outcome, 'verdict' | 'run' | 'isWarning' | 'revision' | 'attempt' | 'publication'>

/** @returns the outcome as a short title that needs no knowledge of the workflow; plain text */
export function headline(outcome: Titled): string {
  const published = publicationTitle(outcome, (name) => name)
  if (published !== null) return published
  if (outcome.verdict === 'refused' && outcome.publication?.byHand)
    return '⛔ Not published, and nothing was trained'
  if (needsReview(outcome)) return '👀 Ready for review: a person must launch the training'
  if (outcome.verdict === 'skipped' && outcome.isWarning) return '⚠️ Not trained: see the earlier training'
  return headlines[outcome.verdict]
}

/** Whether the training waits for a person to do the run's next step. */
export function needsReview({ verdict, run }: Pick<Outcome, 'verdict' | 'run'>): boolean {
  return verdict === 'started' && run !== null && run.nextStep !== null
}

/** Whether the model that was to be published is that of the training that the outcome is about. */
export function isOwnPublication({ verdict, revision, attempt, publication }: Titled): boolean {
  if (publication === null || publication.run === null || publication.byHand) return false
  const { run } = publication
  return verdict === 'succeeded' && run.revision === revision && run.attempt === (attempt ?? 1)
}

/**
 * Says what became of the model that was to be published, where that is the news of the outcome.
 *
 * @param format how names and revisions are shown; without a name, the model is not named
 * @returns null: something else is the news
 */
export function publicationTitle(outcome: Titled, format: (name: string) => string): string | null {
  const { verdict, isWarning, publication } = outcome
  if (publication === null || publication.end === null || publication.run === null) return null
  const { end, model } = publication
  const as = model === '' ? '' : ` as ${format(model)}`
  if (isOwnPublication(outcome)) {
    if (end === 'published') return `✅ Model trained and published${as}`
    return end === 'due' ? '✅ Model trained, not published yet' : '✅ Model trained, not published'
  }
  if ((verdict !== 'succeeded' && verdict !== 'skipped') || isWarning) return null
  const run = format(shortRevision(publication.run.revision))
  if (end === 'published') return `✅ Published ${run}${as} (nothing was trained)`
  return publication.byHand || verdict === 'succeeded'
    ? `⚠️ Not published: ${run} (nothing was trained)`
    : null
}
