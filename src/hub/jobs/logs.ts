import { streamJobLogs } from '@huggingface/hub'
import type { Clock } from '../../http/clock.ts'
import type { Hub } from '../hub.ts'
import type { JobPlace } from './jobs.ts'
import { createLogPosition, type NewLine } from './log-position.ts'

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

/** What takes the lines of a Job's log. They are from outside. */
export interface LogTaker {
  /** Takes each line once, as soon as it is known to be new. */
  take(line: NewLine): void
  /** The Job has ended, and its log is read once more from its beginning. Called for each try. */
  again(): WholeLogTaker
}

/** What takes a log that is read once more. */
interface WholeLogTaker {
  /** Takes every line that the Hub sends, in its order. */
  take(text: string): void
  /** The log was sent to its end. Not called where the connection failed or time ran out. */
  end(): void
}

/** Reads the log of one Job in the background. */
export interface JobLogReader {
  /** Replaces the connection when it has been silent for two minutes. Call it regularly. */
  checkSilence(): void
  /** Reads the log once more, for at most 20 s, and stops. Call it once the Job has ended. Never rejects. */
  finish(): Promise<void>
  /** Stops reading immediately. */
  stop(): void
}

/**
 * Reads the log of a Job from its first line. Connections end early, fail or fall silent, and each new one sends the whole
 * log again, or only a part of it: the log position says which lines are new. The end of a connection does not mean that
 * the Job has ended: reading continues until `finish` or `stop` is called.
 * https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/_jobs_api.py
 *
 * @param options.isOver whether the Job has ended: the first connection reads the whole log
 */
export function readJobLog(
  hub: Hub,
  options: JobPlace & { clock: Clock; signal: AbortSignal; taker: LogTaker; isOver?: boolean },
): JobLogReader {
  const { namespace, id, clock, taker, isOver = false } = options
  const stopped = new AbortController()
  const over = new AbortController()
  if (isOver) over.abort()
  const signal = AbortSignal.any([options.signal, stopped.signal])
  const position = createLogPosition()
  let connection = new AbortController()
  let lastLineAt = clock.now()
  let taken = 0

  const take = (lines: readonly NewLine[]): void => {
    taken += lines.length
    for (const line of lines) taker.take(line)
  }

  const connect = async (whole: WholeLogTaker | null): Promise<void> => {
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
    position.connect()
    try {
      for await (const { message, timestamp } of events) {
        lastLineAt = clock.now()
        if (typeof message !== 'string') continue
        whole?.take(message)
        take(position.take({ text: message, timeMs: timeOf(timestamp) }))
      }
    } finally {
      take(position.disconnect())
    }
    whole?.end()
  }

  const read = async (): Promise<void> => {
    let delayMs = firstDelayMs
    while (!signal.aborted) {
      const wasOver = over.signal.aborted
      const before = taken
      const reachedEnd = await connect(wasOver ? taker.again() : null).then(
        () => true,
        () => false,
      )
      if (wasOver && reachedEnd) return
      delayMs = taken > before ? firstDelayMs : Math.min(delayMs * 2, maxDelayMs)
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

/** The client makes a date of whatever the Hub sends, also where it sends none. */
function timeOf(timestamp: Date): number | null {
  const timeMs = timestamp.getTime()
  // A missing time is no date, and null is the first millisecond of 1970.
  return Number.isNaN(timeMs) || timeMs === 0 ? null : timeMs
}
