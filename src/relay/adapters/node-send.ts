import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { TextExchange } from '../../http/node-fetch.ts'

/** GitHub's answers are some hundred bytes. */
const maxAnswerBytes = 1024 * 1024

/**
 * Sends requests through node:http over connections that stay open between deliveries: a new TLS connection
 * costs more than the dispatch itself, and node-fetch five times the CPU. node:http follows no redirect, so that
 * a token goes nowhere but where it was sent.
 */
export function createKeepAliveSend(): TextExchange {
  const http = new HttpAgent({ keepAlive: true })
  const https = new HttpsAgent({ keepAlive: true })
  return (url, { method = 'GET', signal = null, headers = {}, body = '' }) =>
    new Promise((resolve, reject) => {
      const isHttps = url.startsWith('https:')
      const outgoing = (isHttps ? httpsRequest : httpRequest)(url, {
        method,
        agent: isHttps ? https : http,
        headers: body === '' ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
        ...(signal && { signal }),
      })
      outgoing.once('error', (error) => reject(signal?.aborted ? signal.reason : error))
      outgoing.once('response', (response) =>
        readText(response).then((text) => resolve(answer(response, text)), reject),
      )
      outgoing.end(body)
    })
}

function answer({ statusCode = 0, headers }: IncomingMessage, text: string) {
  const get = (name: string) => headers[name.toLowerCase()]?.toString() ?? null
  return { status: statusCode, headers: { get }, text }
}

function readText(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      text += chunk
      if (text.length > maxAnswerBytes) response.destroy(new Error('The answer is too long.'))
    })
    response.once('end', () => resolve(text))
    response.once('error', reject)
  })
}
