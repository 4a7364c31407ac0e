import type { Outcome } from '../domain/outcome.ts'
import type { Verdict } from '../domain/verdict.ts'

const headlines: Readonly<Record<Verdict, string>> = {
  skipped: '⏭️ Nothing to train',
  refused: '⛔ Refused: somebody has to mend something first',
  planned: '📝 A plan: nothing was started',
  started: '🚀 Training started',
  succeeded: '✅ Model trained',
  failed: '❌ Failed',
  cancelled: '🛑 Cancelled',
}

/** The end of an event, in words that need no knowledge of the workflow. */
export function headline(outcome: Pick<Outcome, 'verdict' | 'run'>): string {
  return isWaiting(outcome)
    ? '👀 Ready for review: a person launches the training'
    : headlines[outcome.verdict]
}

/** Whether nothing trains before a person has done the run's next step. */
export function isWaiting({ verdict, run }: Pick<Outcome, 'verdict' | 'run'>): boolean {
  return verdict === 'started' && run !== null && run.nextStep !== null
}
