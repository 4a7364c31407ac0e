import { setTimeout } from 'node:timers/promises'

/** Milliseconds: a little less than the tests' own time limit, after which nobody would end the wait. */
const limit = 110_000

/**
 * Resolves as soon as the condition holds.
 *
 * @throws Error when it waited in vain
 */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + limit
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${condition}`)
    await setTimeout(5)
  }
}
