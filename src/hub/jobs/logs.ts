import { streamJobLogs } from '@huggingface/hub'
import type { Clock } from '../../http/clock.ts'
import type { Hub } from '../hub.ts'
import type { JobPlace } from './jobs.ts'

/** A connection without a line for this long may be dead. Replacing one that is only quiet does no harm. */
const maxSilenceMs = 120_000

/** The delay before a new connection doubles, so that a failing Hub is not flooded, up to what still looks live. */
const firstDelayMs = 1000
const maxDelayMs = 10_000

/** Time to read the rest of the log once the Job has ended: it delays the end of the workflow's step. */
const finishLimits = {
  /** For one connection, which may hang: half of the total leaves time for a second one. */
  connectionMs: 10_000,
  totalMs: 20_000,
} as const

/** Reads the log of one Job in the background. */
export interface JobLogReader {
  /** Replaces the connection when it has been silent for two minutes. Call it regularly. */
  checkSilence(): void
  /** Reads the rest of the log, for at most 20 s, and stops. Call it once the Job has ended. Never rejects. */
  finish(): Promise<void>
  /** Stops reading immediately. */
  stop(): void
}

/**
 * Reads the log of a Job from its first line. Connections end early, fail or fall silent, and the Hub sends the whole
 * log on each new one, so lines that were read before are skipped by count. The end of a connection does not mean that
 * the Job has ended: reading continues until `finish` or `stop` is called.
 * https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/_jobs_api.py
 *
 * @param options.onLine receives each line once; lines are from outside
 */
export function readJobLog(
  hub: Hub,
  options: JobPlace & { clock: Clock; signal: AbortSignal; onLine: (line: string) => void },
): JobLogReader {
  const { namespace, id, clock, onLine } = options
  const stopped = new AbortController()
  const over = new AbortController()
  const signal = AbortSignal.any([options.signal, stopped.signal])
  let connection = new AbortController()
  let lastLineAt = clock.now()
  let seen = 0

  const connect = async (): Promise<void> => {
    connection = new AbortController()
    lastLineAt = clock.now()
    const events = streamJobLogs({
      namespace,
      jobId: id,
      accessToken: hub.token,
      hubUrl: hub.url,
      // Only the signal closes the connection: leaving the client's generator does not.
      fetch: hub.streamFor(AbortSignal.any([signal, connection.signal])),
    })
    let count = 0
    for await (const { message } of events) {
      lastLineAt = clock.now()
      count += 1
      if (count <= seen) continue
      seen = count
      if (typeof message === 'string') onLine(message)
    }
  }

  const read = async (): Promise<void> => {
    let delayMs = firstDelayMs
    while (!signal.aborted) {
      const wasOver = over.signal.aborted
      const before = seen
      const reachedEnd = await connect().then(
        () => true,
        () => false,
      )
      if (wasOver && reachedEnd) return
      delayMs = seen > before ? firstDelayMs : Math.min(delayMs * 2, maxDelayMs)
      const wakeUp = wasOver ? signal : AbortSignal.any([signal, over.signal])
      await clock.sleep(delayMs, wakeUp).catch(() => undefined)
    }
  }
  const done = read()

  return {
    checkSilence: () => {
      if (clock.now() - lastLineAt > maxSilenceMs) connection.abort()
    },
    finish: async () => {
      over.abort()
      const cancelConnection = clock.timer(finishLimits.connectionMs, () => connection.abort())
      const cancelAll = clock.timer(finishLimits.totalMs, () => stopped.abort())
      await done
      cancelConnection()
      cancelAll()
    },
    stop: () => stopped.abort(),
  }
}
