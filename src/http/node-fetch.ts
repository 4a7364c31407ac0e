import type { Agent } from 'node:http'
import fetch from 'node-fetch'
import type { TextExchange } from './exchange.ts'
import { nameProxyInErrors, type ProxySettings } from './proxy.ts'

const maxAnswerBytes = 10 * 1024 * 1024

/**
 * Sends one request through node-fetch and reads its answer as text, at most 10 MiB. No redirect is followed:
 * a token must not travel to where an answer points.
 *
 * @param options.agent keeps connections open between requests; node-fetch closes each without one
 * @param options.proxy the proxy that the agent (Node's global one without `agent`) uses, for error messages
 */
export function createNodeSend(
  options: { agent?: (url: URL) => Agent; proxy?: ProxySettings | null } = {},
): TextExchange {
  const { agent, proxy = null } = options
  const send: TextExchange = async (url, { method = 'GET', signal = null, headers = {}, body = null }) => {
    // Aborted before it was sent, node-fetch destroys the body's stream with an error that nobody can catch.
    signal?.throwIfAborted()
    const response = await fetch(url, {
      method,
      headers,
      body,
      signal,
      redirect: 'manual',
      size: maxAnswerBytes,
      ...(agent && { agent }),
    })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  return nameProxyInErrors({ proxy, send })
}
