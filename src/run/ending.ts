import { messageOf } from '../domain/error-message.ts'
import type { Outcome } from '../domain/outcome.ts'
import { NotStarted, Refused, Skipped, UnclearStart, UnfitData } from '../domain/verdict.ts'
import { TakenOver } from '../ledger/entry.ts'
import { MayBeRunning } from './errors.ts'
import { logCauses, logError } from './log/error-log.ts'
import type { Log } from './log/log.ts'

/** How a recipe ended, and when its revision is to be checked again. */
export interface Ending extends Pick<Outcome, 'verdict' | 'reason'> {
  readonly isWarning?: boolean
  readonly comesBack?: Outcome['comesBack']
  /** Milliseconds since the epoch; null: never. Undefined: by the verdict. */
  readonly againAt?: number | null
}

/**
 * Turns an error into a verdict, and logs what the verdict's reason leaves out of it: the one place that does.
 *
 * @param options.signal the workflow's: once it is aborted, the verdict is `cancelled`
 */
export async function toEnding(
  error: unknown,
  { signal, log }: { signal: AbortSignal; log: Log },
): Promise<Ending> {
  if (signal.aborted) {
    // What a cancelled call throws is no mistake of the code.
    logCauses(log, error)
    const mayRun = error instanceof MayBeRunning || error instanceof UnclearStart
    const open = mayRun ? ` ${error.message}` : ''
    return { verdict: 'cancelled', reason: `The workflow was cancelled.${open}` }
  }
  const skipped = findSkip(error)
  if (skipped !== null) {
    const { message, isWarning, comesBack, againAt } = skipped
    return { verdict: 'skipped', reason: message, isWarning, comesBack, againAt }
  }
  await logError(log, error)
  if (error instanceof TakenOver) return { verdict: 'skipped', reason: error.message }
  const reason = messageOf(error)
  if (error instanceof UnfitData) return { verdict: 'refused', reason, isWarning: true, againAt: null }
  return { verdict: error instanceof Refused ? 'refused' : 'failed', reason }
}

/** A start that was given up because there is nothing to do any more is a skip. */
function findSkip(error: unknown): Skipped | null {
  if (error instanceof Skipped) return error
  return error instanceof NotStarted && error.cause instanceof Skipped ? error.cause : null
}
