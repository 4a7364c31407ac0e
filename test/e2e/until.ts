import { setTimeout } from 'node:timers/promises'

/** Resolves as soon as the condition holds; the test's own time limit ends a vain wait. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(5)
}
