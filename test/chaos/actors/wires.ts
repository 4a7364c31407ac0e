import type { TextExchange } from '../../../src/http/exchange.ts'

/** A server that answers without a socket. */
interface Answering {
  readonly url: string
  answer(request: Request): Promise<Response>
}

/** The two ways in which the action sends, without sockets: ten times as fast, and in an order that the seed decides. */
export interface Wires {
  readonly fetch: typeof fetch
  readonly send: TextExchange
}

const maxRedirects = 5

/**
 * @param servers what can be reached; every other address is unknown
 * @param before called for each request, before anything comes of it
 */
export function createWires(servers: readonly Answering[], before: (request: Request) => void): Wires {
  const byOrigin = new Map(servers.map(({ url, answer }) => [url, answer]))
  const answer = (request: Request): Promise<Response> => {
    const { origin } = new URL(request.url)
    const server = byOrigin.get(origin)
    if (server === undefined) throw new TypeError(`fetch failed: nothing listens at ${origin}`)
    before(request)
    return server(request)
  }
  const fetchHere: typeof fetch = async (input, init = {}) => {
    init.signal?.throwIfAborted()
    const { signal: _signal, ...rest } = init
    let request = new Request(input, rest)
    for (let redirects = 0; ; redirects++) {
      const response = await answer(request)
      const location = response.headers.get('location')
      const isRedirect = response.status >= 301 && response.status <= 308 && location !== null
      if (!isRedirect || init.redirect === 'manual' || redirects === maxRedirects) {
        return Object.defineProperty(response, 'url', { value: request.url })
      }
      const { body: _body, ...bare } = rest
      request = new Request(new URL(location, request.url), bare)
    }
  }
  return {
    fetch: fetchHere,
    async send(url, { method = 'GET', headers = {}, body = null }) {
      const response = await answer(new Request(url, { method, headers, body }))
      return { status: response.status, headers: response.headers, text: await response.text() }
    },
  }
}
