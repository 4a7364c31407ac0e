import { constants } from 'node:os'

/** Sent by Ctrl-C, by a plain `kill`, and by a closing terminal. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A signal that asks the demo to stop. */
export type Interruption = (typeof signals)[number]

/**
 * Waits for the first signal that asks the demo to stop. From now on these signals do not kill the process, so that a
 * second Ctrl-C cannot interrupt the clean-up.
 */
export function waitForInterruption(): Promise<Interruption> {
  return new Promise((resolve) => {
    for (const signal of signals) process.on(signal, () => resolve(signal))
  })
}

/** @returns the exit code with which shells report that a signal ended a program */
export function exitCodeOf(signal: Interruption): number {
  return 128 + constants.signals[signal]
}
