import { describe, expect, test } from '@jest/globals'
import type { Send } from '../../src/hub/addresses.ts'
import { limitSilence } from '../../src/hub/transfer.ts'
import { createFakeClock } from '../http/fake-clock.ts'

const url = 'https://storage.example/object?signature=secret'

/** A body whose pieces come one by one; it fails when its request is aborted. */
function pieces(count: number, signal?: AbortSignal | null): ReadableStream<Uint8Array> {
  let given = 0
  return new ReadableStream(
    {
      start(controller) {
        signal?.addEventListener('abort', () => controller.error(signal.reason))
      },
      pull(controller) {
        given += 1
        if (given > count) controller.close()
        else controller.enqueue(Uint8Array.of(given))
      },
    },
    { highWaterMark: 0 },
  )
}

function transfer(send: Send) {
  const clock = createFakeClock()
  const lines: string[] = []
  return { clock, lines, request: limitSilence(send, { clock, debug: (line) => lines.push(line) }) }
}

describe('A transfer', () => {
  test('It may take any time as long as bytes come, and leaves no timer.', async () => {
    const { clock, request, lines } = transfer(async (_, { signal }) => new Response(pieces(5, signal)))
    const response = await request(url, {})
    const seen: number[] = []
    for await (const [byte = 0] of response.body ?? []) {
      seen.push(byte)
      clock.advance(100_000)
    }
    expect(seen).toEqual([1, 2, 3, 4, 5])
    expect(clock.timers()).toBe(0)
    expect(lines).toEqual(['GET https://storage.example/object: 200 in 0 ms (try 1)'])
  })

  test('It may take any time as long as bytes go.', async () => {
    const { clock, request } = transfer(async (_, { body, signal }) => {
      expect(body).toBeInstanceOf(ReadableStream)
      if (!(body instanceof ReadableStream)) return new Response(null)
      for await (const _piece of body) {
        clock.advance(100_000)
        signal?.throwIfAborted()
      }
      return new Response(null, { status: 204 })
    })
    const response = await request(url, { method: 'PUT', body: pieces(5) })
    expect([response.status, clock.timers()]).toEqual([204, 0])
  })

  test('When nothing comes for two minutes, its body fails.', async () => {
    const { clock, request } = transfer(async (_, { signal }) => new Response(pieces(5, signal)))
    const reader = (await request(url, {})).body?.getReader()
    await reader?.read()
    clock.advance(119_000)
    await reader?.read()
    clock.advance(119_000)
    clock.advance(2_000)
    await expect(reader?.read()).rejects.toThrow(
      'GET https://storage.example/object got no answer: timed out',
    )
    expect(clock.timers()).toBe(0)
  })

  test('When no answer comes for two minutes, it fails.', async () => {
    const { clock, request, lines } = transfer(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason))
        }),
    )
    const ended = request(url, { method: 'PUT' })
    clock.advance(120_000)
    await expect(ended).rejects.toMatchObject({ name: 'NoAnswerError' })
    expect(lines).toEqual(['PUT https://storage.example/object: timed out in 120000 ms (try 1)'])
    expect(clock.timers()).toBe(0)
  })

  test('A body that is given up is not read any further, and leaves no timer.', async () => {
    let isCancelled = false
    const body = new ReadableStream({
      cancel() {
        isCancelled = true
      },
    })
    const { clock, request } = transfer(async () => new Response(body))
    await (await request(url, {})).body?.cancel()
    expect([isCancelled, clock.timers()]).toEqual([true, 0])
  })

  test('A caller who aborts gets the reason, before the answer and while it comes.', async () => {
    const reason = new Error('cancelled')
    const controller = new AbortController()
    const { request } = transfer(async (_, { signal }) => new Response(pieces(5, signal)))
    const reader = (await request(url, { signal: controller.signal })).body?.getReader()
    controller.abort(reason)
    await expect(reader?.read()).rejects.toBe(reason)
    const refused = transfer(async (_, { signal }) => {
      signal?.throwIfAborted()
      return new Response(null)
    })
    await expect(refused.request(url, { signal: controller.signal })).rejects.toBe(reason)
  })
})
