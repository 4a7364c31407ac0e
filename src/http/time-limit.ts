import type { Clock } from './clock.ts'

/** A limit of time on something that is under way. */
export interface TimeLimit {
  /** Aborts when the time is over, with a `TimeoutError`, or when the caller's signal does, with its reason. */
  readonly signal: AbortSignal
  /** Lifts the limit: what was limited is over. Nothing of it is left in memory. */
  lift(): void
}

/**
 * Limits the time of something that has an end of its own. Unlike `AbortSignal.timeout`, which lives on until its
 * time has come, it goes away with what it limited: a relay may dispatch some thousand times in eight seconds.
 *
 * @param options.ms milliseconds
 * @param options.caller stops it sooner
 */
export function limitTime(options: {
  ms: number
  clock: Clock
  caller?: AbortSignal | null | undefined
}): TimeLimit {
  const { ms, clock, caller } = options
  const controller = new AbortController()
  const stop = () => controller.abort(caller?.reason)
  const cancel = clock.timer(ms, () =>
    controller.abort(new DOMException(`It took longer than ${ms} ms.`, 'TimeoutError')),
  )
  if (caller?.aborted) stop()
  caller?.addEventListener('abort', stop, { once: true })
  return {
    signal: controller.signal,
    lift() {
      cancel()
      caller?.removeEventListener('abort', stop)
    },
  }
}
