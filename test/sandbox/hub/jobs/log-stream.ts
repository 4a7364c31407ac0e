import type { LogBook, LogLine } from './log-book.ts'

/** How one connection to a log goes wrong, after so many events. */
export interface StreamHabit {
  after: number
  /** `end`: it ends as if all were said; `hang`: nothing comes any more, not even comments. */
  how: 'end' | 'hang'
}

const encoder = new TextEncoder()

/**
 * The log as server-sent events. Every connection begins at the first line; nothing tells a client that it has
 * seen a line before. A comment keeps the connection alive while nothing is printed.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * @param options `tail`: only the last so many of what is there already; `habit`: how it goes wrong
 * @returns the answer; it ends with the log
 */
export function logStreamResponse(options: {
  book: LogBook
  keepAliveMs: number
  tail?: number
  habit?: StreamHabit
}): Response {
  const { book, keepAliveMs, tail, habit } = options
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
        const event = JSON.stringify({ data, timestamp: timestamp.toISOString() })
        controller.enqueue(encoder.encode(`data: ${event}\n\n`))
        sent += 1
        if (isOver()) misbehave()
      }

      if (isOver()) {
        misbehave()
        return
      }
      for (const line of tail === undefined ? book.lines : book.lines.slice(-tail || book.lines.length))
        send(line)
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
