import type { Clock } from './clock.ts'

/** A time limit on one operation. */
export interface TimeLimit {
  /** Aborted with a `TimeoutError` when the time is over, or with the caller's reason when the caller aborts. */
  readonly signal: AbortSignal
  /** Removes the limit once the operation has ended, with its timer and its listener. */
  clear(): void
}

/**
 * Limits the time of an operation. Unlike `AbortSignal.timeout`, whose timer runs to its end, this limit is removed
 * when the operation ends: a relay may dispatch thousands of events within one limit.
 *
 * @param options.limitMs milliseconds
 * @param options.caller aborts the operation earlier
 */
export function limitTime(options: {
  limitMs: number
  clock: Clock
  caller?: AbortSignal | null | undefined
}): TimeLimit {
  const { limitMs, clock, caller } = options
  const controller = new AbortController()
  const stop = () => controller.abort(caller?.reason)
  const cancel = clock.timer(limitMs, () =>
    controller.abort(new DOMException(`It took longer than ${limitMs} ms.`, 'TimeoutError')),
  )
  if (caller?.aborted) stop()
  caller?.addEventListener('abort', stop, { once: true })
  return {
    signal: controller.signal,
    clear() {
      cancel()
      caller?.removeEventListener('abort', stop)
    },
  }
}
