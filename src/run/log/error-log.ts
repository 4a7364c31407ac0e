import { causeChain } from '../../domain/error-message.ts'
import { NotStarted, Refused, Skipped, UnclearStart } from '../../domain/verdict.ts'
import { HttpError, NoAnswerError } from '../../http/errors.ts'
import { LaggingReplica, TakenOver, UnreadableRecord } from '../../ledger/entry.ts'
import { MayBeRunning, NotNow, UnknownTrainer } from '../errors.ts'
import type { Log } from './log.ts'

/** The errors whose message alone says what happened and what to do. */
const expectedErrors = [
  Refused,
  Skipped,
  NotStarted,
  UnclearStart,
  NotNow,
  HttpError,
  NoAnswerError,
  TakenOver,
  LaggingReplica,
  UnreadableRecord,
  UnknownTrainer,
]

/**
 * Logs what the one sentence of a verdict or a warning leaves out: with step debug the chain of causes, and always the
 * stack of an error that no code throws on purpose.
 */
export async function logError(log: Log, error: unknown): Promise<void> {
  logCauses(log, error)
  if (isExpected(error)) return
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  await log.group('Unexpected error: please report it', async () => {
    for (const line of stack.split('\n')) log.info(line)
  })
}

/** Logs an error and its causes, a line each, outermost first; shown only with step debug. */
export function logCauses(log: Log, error: unknown): void {
  for (const [depth, cause] of causeChain(error).entries()) {
    log.debug(`${depth === 0 ? 'Error' : 'Caused by'}: ${cause}`)
  }
}

/** A plain error is a sentence around its cause, so the cause decides. */
function isExpected(error: unknown): boolean {
  if (isAbort(error)) return true
  if (!(error instanceof Error)) return false
  if (expectedErrors.some((kind) => error instanceof kind)) return true
  return error.cause === undefined ? error instanceof MayBeRunning : isExpected(error.cause)
}

/** The reason of an aborted signal: a time limit ran out, or the workflow was cancelled. */
function isAbort(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('name' in error)) return false
  return error.name === 'TimeoutError' || error.name === 'AbortError'
}
