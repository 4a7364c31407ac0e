import type { Outcome } from '../domain/outcome.ts'
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

/** @returns the outcome as a short title that needs no knowledge of the workflow */
export function headline(outcome: Pick<Outcome, 'verdict' | 'run' | 'isWarning'>): string {
  if (needsReview(outcome)) return '👀 Ready for review: a person must launch the training'
  if (outcome.verdict === 'skipped' && outcome.isWarning) return '⚠️ Not trained: see the earlier training'
  return headlines[outcome.verdict]
}

/** Whether the training waits for a person to do the run's next step. */
export function needsReview({ verdict, run }: Pick<Outcome, 'verdict' | 'run'>): boolean {
  return verdict === 'started' && run !== null && run.nextStep !== null
}
