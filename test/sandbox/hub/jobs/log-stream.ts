import type { LogBook, LogLine } from './log-book.ts'

/** How one connection to a log goes wrong, after so many events. */
export interface StreamHabit {
  after: number
  /** `end`: it ends as if all were said; `hang`: nothing comes any more, not even comments. */
  how: 'end' | 'hang'
}

/** What a connection sends of the lines that are there already: the first one or not, and so many of the last ones. */
export interface LogReplay {
  start: boolean
  last: number
}

/** How exact the times of lines are: lines of one second may share theirs, and there may be none. */
export type LogTimes = 'exact' | 'seconds' | 'none'

const encoder = new TextEncoder()

/**
 * The log as server-sent events. A connection begins at the first line unless `replay` says otherwise; nothing tells a
 * client that it has seen a line before. A comment keeps the connection alive while nothing is printed.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * @param options `tail`: only the last so many of what is there already, as the client asks; `habit`: how it goes wrong;
 *   `replay`: what is sent of the lines that are there already
 * @returns the answer; it ends with the log
 */
export function logStreamResponse(options: {
  book: LogBook
  keepAliveMs: number
  tail?: number
  habit?: StreamHabit
  replay?: LogReplay | undefined
  times?: LogTimes | undefined
}): Response {
  const { book, keepAliveMs, tail, habit, replay, times = 'exact' } = options
  let stop = () => {}

  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      let sent = 0
      const alive = setInterval(() => controller.enqueue(encoder.encode(': keep-alive\n\n')), keepAliveMs)
      let unfollow = () => {}
      stop = () => {
        clearInterval(alive)
        unfollow()
      }
      const misbehave = () => {
        stop()
        if (habit?.how === 'end') controller.close()
      }
      const isOver = () => habit !== undefined && sent >= habit.after
      const send = ({ data, timestamp }: LogLine) => {
        if (isOver()) return
        const event = JSON.stringify({ data, timestamp: timeText(timestamp, times) })
        controller.enqueue(encoder.encode(`data: ${event}\n\n`))
        sent += 1
        if (isOver()) misbehave()
      }

      if (isOver()) {
        misbehave()
        return
      }
      const lines = tail === undefined ? book.lines : book.lines.slice(-tail || book.lines.length)
      for (const line of replayed(lines, replay)) send(line)
      if (isOver()) return
      unfollow = book.follow({
        line: send,
        end() {
          stop()
          controller.close()
        },
      })
    },
    cancel: () => stop(),
  })
  return new Response(stream, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      // Sent at once, without waiting for a first line.
      'transfer-encoding': 'chunked',
    },
  })
}

function replayed(lines: readonly LogLine[], replay: LogReplay | undefined): readonly LogLine[] {
  if (replay === undefined) return lines
  const first = replay.start ? 1 : 0
  const { length } = lines
  return [...lines.slice(0, first), ...lines.slice(Math.max(first, length - replay.last))]
}

/** `undefined` leaves the field out of JSON. */
function timeText(time: Date, times: LogTimes): string | undefined {
  const text = time.toISOString()
  if (times === 'none') return undefined
  return times === 'exact' ? text : text.replace(/\.\d+Z$/, 'Z')
}
