import { setTimeout } from 'node:timers/promises'

/** A little less than the time limit of the lanes, so that the error names the condition. */
const limitMs = 170_000

/**
 * Resolves as soon as the condition holds.
 *
 * @throws Error when it waited in vain
 */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + limitMs
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${condition}`)
    await setTimeout(5)
  }
}
