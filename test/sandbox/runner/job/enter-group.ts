import type { Place } from '../workflow/concurrency.ts'
import { evaluate, type Scope } from '../workflow/expressions.ts'
import type { Setup } from './setup.ts'

/**
 * Enters the concurrency group that a workflow or a job names.
 *
 * @returns the place; `none` where no group is named; undefined when it was cancelled while pending
 */
export async function enterGroup(
  setup: Setup,
  token: Parameters<typeof evaluate>[0],
  options: { scope: Scope; given: AbortSignal; cancel: () => void; onPending: () => void },
): Promise<Place | 'none' | undefined> {
  const given = evaluate(token, options.scope)
  if (given === undefined) return 'none'
  const wanted = typeof given === 'string' ? { group: given } : (given as Record<string, unknown>)
  return setup.groups.enter({
    group: String(wanted.group),
    cancelInProgress: 'cancel-in-progress' in wanted && wanted['cancel-in-progress'] === true,
    queue: 'queue' in wanted && wanted.queue === 'max' ? 'max' : 'single',
    ...options,
  })
}
