import { systemClock } from '../../http/clock.ts'
import type { TextExchange } from '../../http/exchange.ts'
import { errorAnswer, toResponse } from '../answers.ts'
import { createRelay, type Relay } from '../relay.ts'
import { tryCredentials } from '../settings/credentials.ts'
import { checkReconcilable, type Environment, readSettings } from '../settings/settings.ts'

/** Created by the first request: only then does a Worker have its settings and random numbers. */
let relay: Relay | undefined

/** Sends through the platform's `fetch` and follows no redirect, so that the token stays with GitHub. */
const send: TextExchange = async (url, { method = 'GET', signal = null, headers = {}, body = null }) => {
  const response = await fetch(url, { method, signal, headers, body, redirect: 'manual' })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

async function start(env: Environment): Promise<Relay> {
  const settings = readSettings(env)
  await tryCredentials(settings.credentials)
  return createRelay({
    settings,
    send,
    clock: systemClock,
    random: Math.random,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    writeLine: console.log,
    losesMemory: true,
  })
}

/** The part of the context that is used. https://developers.cloudflare.com/workers/runtime-apis/context/ */
interface Context {
  waitUntil(work: Promise<unknown>): void
}

async function opened(env: Environment): Promise<Relay> {
  const started = relay ?? (await start(env))
  // Two first requests may come at the same time: only one relay counts what is in progress.
  relay ??= started
  return relay
}

async function answer(request: Request, env: Environment): Promise<Response> {
  try {
    return await (await opened(env)).fetch(request)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return toResponse(errorAnswer('failed'))
  }
}

/**
 * @throws Refused when a setting is wrong, and Error when a route failed, so that the list of cron events shows it; the
 *   log says why
 */
async function reconcile(env: Environment): Promise<void> {
  checkReconcilable(readSettings(env), 'The cron trigger')
  const { routes } = await (await opened(env)).reconcile()
  const failed = routes.filter(({ outcome }) => outcome === 'failed').length
  if (failed > 0) throw new Error(`${failed} of ${routes.length} routes could not be reconciled`)
}

/** The relay as a Cloudflare Worker. https://developers.cloudflare.com/workers/runtime-apis/handlers/fetch/ */
export default {
  async fetch(request: Request, env: Environment, context: Context): Promise<Response> {
    const response = answer(request, env)
    // Otherwise a client that disconnects stops the work half way: the count of deliveries in progress would never go
    // down, and others would wait for an App token that never arrives.
    context.waitUntil(response)
    return response
  },
  /** By a cron trigger. https://developers.cloudflare.com/workers/runtime-apis/handlers/scheduled/ */
  async scheduled(_event: unknown, env: Environment): Promise<void> {
    try {
      await reconcile(env)
    } catch (error) {
      console.error(error instanceof Error ? error.message : error)
      throw error
    }
  },
}
