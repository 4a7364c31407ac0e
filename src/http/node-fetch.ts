import type { Agent } from 'node:http'
import fetch from 'node-fetch'
import type { TextExchange } from './exchange.ts'
import { nameProxyInErrors, type ProxySettings } from './proxy/proxy.ts'

const maxAnswerBytes = 10 * 1024 * 1024

/**
 * Makes a function that sends one request with node-fetch and reads the answer as text, at most 10 MiB. It follows no
 * redirects: the token must not be sent to an address from an answer.
 *
 * @param options.agent keeps connections open between requests; node-fetch closes each without one
 * @param options.proxy the proxy that the agent (Node's global one without `agent`) uses, for error messages
 */
export function createNodeSend(
  options: { agent?: (url: URL) => Agent; proxy?: ProxySettings | null } = {},
): TextExchange {
  const { agent, proxy = null } = options
  const send: TextExchange = async (url, { method = 'GET', signal = null, headers = {}, body = null }) => {
    // When the signal is aborted before sending, node-fetch raises an error on the body's stream that cannot be caught.
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
