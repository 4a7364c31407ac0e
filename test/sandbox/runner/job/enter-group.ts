import type { Place } from '../workflow/concurrency.ts'
import { evaluate, type Scope } from '../workflow/expressions.ts'
import type { Setup } from './setup.ts'

/**
 * Enters the concurrency group that a workflow or a job names.
 *
 * @returns the place; `none` if no group is named; undefined if it was cancelled before it got a place
 * @throws Error for an unknown `queue`, and for `queue: max` together with `cancel-in-progress: true`
 */
export async function enterGroup(
  setup: Setup,
  token: Parameters<typeof evaluate>[0],
  options: { scope: Scope; given: AbortSignal; cancel: () => void; onPending: () => void },
): Promise<Place | 'none' | undefined> {
  const given = evaluate(token, options.scope)
  if (given === undefined) return 'none'
  const wanted = typeof given === 'string' ? { group: given } : (given as Record<string, unknown>)
  const cancelInProgress = 'cancel-in-progress' in wanted && wanted['cancel-in-progress'] === true
  const queue = queueOf('queue' in wanted ? wanted.queue : undefined)
  if (queue === 'max' && cancelInProgress) {
    throw new Error("'queue: max' cannot be combined with 'cancel-in-progress: true'.")
  }
  return setup.groups.enter({ group: String(wanted.group), cancelInProgress, queue, ...options })
}

function queueOf(given: unknown): 'single' | 'max' {
  if (given === undefined || given === 'single') return 'single'
  if (given === 'max') return 'max'
  throw new Error(`Unexpected value '${given}' for 'queue': it is 'single' or 'max'.`)
}
