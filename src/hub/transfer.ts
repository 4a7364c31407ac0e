import type { Clock } from '../http/clock.ts'
import { type DebugHttp, describeTry } from '../http/debug-line.ts'
import { failureCode, NoAnswerError } from '../http/errors.ts'
import type { Send } from './addresses.ts'

/** Storage that moves no byte for this long is not coming back. */
const maxSilenceMs = 120_000

/**
 * Limits how long a request and its answer may stand still. A large file may take any time in all, as long as bytes
 * move. The limit ends when the answer's body was read, failed or was cancelled.
 *
 * @returns a function of the same kind; it throws `NoAnswerError` when the connection fails or stands still for two
 *   minutes, and so does the answer's body; or the reason of the caller's signal
 */
export function limitSilence(send: Send, options: { clock: Clock; debug: DebugHttp | undefined }): Send {
  const { clock, debug } = options
  return async (url, request) => {
    const { method = 'GET', body } = request
    const startedAt = clock.now()
    const report = (result: number | string) =>
      debug?.(describeTry({ method, url, result, durationMs: clock.now() - startedAt, attempt: 1 }))
    const watch = watchSilence(clock)
    const explain = (error: unknown): unknown => {
      if (request.signal?.aborted) return request.signal.reason
      const cause = watch.signal.aborted ? watch.signal.reason : error
      return new NoAnswerError({ method, url, cause })
    }
    try {
      const response = await send(url, {
        ...request,
        ...(body instanceof ReadableStream && { body: watched(body, { ...watch, end: () => {} }) }),
        signal: AbortSignal.any([watch.signal, ...(request.signal ? [request.signal] : [])]),
      })
      report(response.status)
      const { status, statusText, headers } = response
      if (response.body === null) {
        watch.end()
        return response
      }
      return new Response(watched(response.body, watch, explain), { status, statusText, headers })
    } catch (error) {
      watch.end()
      const explained = explain(error)
      report(failureCode(explained instanceof NoAnswerError ? explained.cause : explained))
      throw explained
    }
  }
}

interface Watch {
  /** Aborted once nothing moved for too long. */
  readonly signal: AbortSignal
  readonly moved: () => void
  readonly end: () => void
}

function watchSilence(clock: Clock): Watch {
  const controller = new AbortController()
  let movedAt = clock.now()
  const check = () => {
    const leftMs = movedAt + maxSilenceMs - clock.now()
    if (leftMs > 0) cancel = clock.timer(leftMs, check)
    else controller.abort(new DOMException(`No byte moved for ${maxSilenceMs} ms.`, 'TimeoutError'))
  }
  let cancel = clock.timer(maxSilenceMs, check)
  return {
    signal: controller.signal,
    moved: () => {
      movedAt = clock.now()
    },
    end: () => cancel(),
  }
}

/** The same bytes, each reported when it passes; nothing is read before it is asked for. */
function watched(
  body: ReadableStream<Uint8Array>,
  { moved, end }: Pick<Watch, 'moved' | 'end'>,
  explain: (error: unknown) => unknown = (error) => error,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          moved()
          if (!done) return controller.enqueue(value)
          end()
          controller.close()
        } catch (error) {
          end()
          controller.error(explain(error))
        }
      },
      async cancel(reason) {
        end()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
