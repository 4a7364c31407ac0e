import { constants } from 'node:os'

/** Ctrl-C, a plain `kill`, and the terminal that is closed. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A signal that asks the demo to end. */
export type Interruption = (typeof signals)[number]

/**
 * Waits for the first signal that asks to end. It and all that follow no longer end the process by themselves, so
 * that an impatient second Ctrl-C does not leave behind what is just being ended.
 */
export function interrupted(): Promise<Interruption> {
  return new Promise((resolve) => {
    for (const signal of signals) process.on(signal, () => resolve(signal))
  })
}

/** The exit code by which a shell knows that a signal ended a program. */
export function exitCodeOf(signal: Interruption): number {
  return 128 + constants.signals[signal]
}
