import { systemClock } from '../../http/clock.ts'
import type { TextExchange } from '../../http/exchange.ts'
import { errorAnswer, toResponse } from '../answers.ts'
import { createRelay, type Relay } from '../relay.ts'
import { type Environment, readSettings } from '../settings.ts'

/** Made by the first request: a Worker gets its settings with the request, and random numbers not before. */
let relay: Relay | undefined

/** Through the platform's `fetch`. A redirect is an answer like any other: no token travels along. */
const send: TextExchange = async (url, { method = 'GET', signal = null, headers = {}, body = null }) => {
  const response = await fetch(url, { method, signal, headers, body, redirect: 'manual' })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

function start(env: Environment): Relay {
  return createRelay({
    settings: readSettings(env),
    send,
    clock: systemClock,
    random: Math.random,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    writeLine: console.log,
    shortMemory: true,
  })
}

/** What of a request's context is used. https://developers.cloudflare.com/workers/runtime-apis/context/ */
interface Context {
  waitUntil(work: Promise<unknown>): void
}

/** The relay as a Cloudflare Worker. https://developers.cloudflare.com/workers/runtime-apis/handlers/fetch/ */
export default {
  async fetch(request: Request, env: Environment, context: Context): Promise<Response> {
    try {
      relay ??= start(env)
    } catch (error) {
      console.error(error instanceof Error ? error.message : error)
      return toResponse(errorAnswer('failed'))
    }
    const response = relay.fetch(request)
    // Else a caller who goes away stops the work half way: what counts it never hears of its end, and a token that
    // others wait for never comes.
    context.waitUntil(response)
    return response
  },
}
