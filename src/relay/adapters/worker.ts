import { systemClock } from '../../http/clock.ts'
import type { TextExchange } from '../../http/node-fetch.ts'
import { errorAnswer, toResponse } from '../answers.ts'
import { createRelay, type Relay } from '../app.ts'
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

/** The relay as a Cloudflare Worker. https://developers.cloudflare.com/workers/runtime-apis/handlers/fetch/ */
export default {
  async fetch(request: Request, env: Environment): Promise<Response> {
    try {
      relay ??= start(env)
    } catch (error) {
      console.error(error instanceof Error ? error.message : error)
      return toResponse(errorAnswer('failed'))
    }
    return relay.fetch(request)
  },
}
