import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createNodeSend, type TextExchange } from '../../http/node-fetch.ts'

/**
 * Sends requests over connections that stay open between deliveries: a new TLS connection costs more than the
 * dispatch itself.
 */
export function createKeepAliveSend(): TextExchange {
  const http = new HttpAgent({ keepAlive: true })
  const https = new HttpsAgent({ keepAlive: true })
  return createNodeSend({ agent: ({ protocol }) => (protocol === 'https:' ? https : http) })
}
