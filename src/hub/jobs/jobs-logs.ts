import { streamJobLogs } from '@huggingface/hub'
import type { Clock } from '../../http/clock.ts'
import type { Hub } from '../hub.ts'
import type { JobPlace } from './jobs.ts'

/** Milliseconds without a line after which a connection is made anew: it may be dead. */
const silenceLimit = 120_000
const firstDelay = 1000
const longestDelay = 10_000

/** Milliseconds for what is left of the log once the Job is over: for a connection that hangs, and for all. */
const finishLimits = { connection: 10_000, all: 20_000 } as const

/** The log of one Job while it is read. */
export interface JobLogReader {
  /** To be called now and then: makes the connection anew when it has been silent for two minutes. */
  checkSilence(): void
  /** To be called when the Job is over: reads what is left of its log, at most 20 s, and ends. Never rejects. */
  finish(): Promise<void>
  /** Ends reading at once. */
  stop(): void
}

/**
 * Reads the log of a Job line by line, from its first to its last. The Hub sends everything from the beginning on
 * each connection, and connections end early, fail or fall silent: what was seen is skipped by count. The end of a
 * connection says nothing about the Job, so reading goes on until somebody says that the Job is over.
 * https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/_jobs_api.py
 *
 * @param options.onLine gets each event of the log once: from outside
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
  let lastSign = clock.now()
  let seen = 0

  const connect = async (): Promise<void> => {
    connection = new AbortController()
    lastSign = clock.now()
    const events = streamJobLogs({
      namespace,
      jobId: id,
      accessToken: hub.token,
      hubUrl: hub.url,
      // Only the signal ends the connection: the client's generator lets go of it and leaves it open.
      fetch: hub.streamFor(AbortSignal.any([signal, connection.signal])),
    })
    let count = 0
    for await (const { message } of events) {
      lastSign = clock.now()
      count += 1
      if (count <= seen) continue
      seen = count
      if (typeof message === 'string') onLine(message)
    }
  }

  const read = async (): Promise<void> => {
    let delay = firstDelay
    while (!signal.aborted) {
      const wasOver = over.signal.aborted
      const before = seen
      const reachedEnd = await connect().then(
        () => true,
        () => false,
      )
      if (wasOver && reachedEnd) return
      delay = seen > before ? firstDelay : Math.min(delay * 2, longestDelay)
      const wake = wasOver ? signal : AbortSignal.any([signal, over.signal])
      await clock.sleep(delay, wake).catch(() => undefined)
    }
  }
  const done = read()

  return {
    checkSilence: () => {
      if (clock.now() - lastSign > silenceLimit) connection.abort()
    },
    finish: async () => {
      over.abort()
      const cancelConnection = clock.timer(finishLimits.connection, () => connection.abort())
      const cancelAll = clock.timer(finishLimits.all, () => stopped.abort())
      await done
      cancelConnection()
      cancelAll()
    },
    stop: () => stopped.abort(),
  }
}
