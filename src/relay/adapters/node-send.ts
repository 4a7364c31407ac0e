import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { urlToHttpOptions } from 'node:url'
import type { TextAnswer, TextExchange } from '../../http/exchange.ts'

/** GitHub's answers are some hundred bytes. */
const maxAnswerLength = 1024 * 1024

/**
 * Sends requests through node:http over connections that stay open between deliveries: a new TLS connection
 * costs more than the dispatch itself, and node-fetch three times the CPU. node:http follows no redirect, so that
 * a token goes nowhere but where it was sent.
 */
export function createKeepAliveSend(): TextExchange {
  const http = new HttpAgent({ keepAlive: true })
  const https = new HttpsAgent({ keepAlive: true })
  return (url, { method = 'GET', signal, headers = {}, body = '' }) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const { protocol, hostname, port, path } = urlToHttpOptions(new URL(url))
      const isHttps = protocol === 'https:'
      // These only: of a whole URL node:http makes a dozen options, which its agent copies twice.
      const outgoing = (isHttps ? httpsRequest : httpRequest)({
        hostname,
        port,
        path,
        method,
        agent: isHttps ? https : http,
        headers: body === '' ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      })
      // By hand: the option `signal` of node:http makes two errors for every request that goes well.
      const stop = () => outgoing.destroy(signal?.reason)
      signal?.addEventListener('abort', stop, { once: true })
      const fail = (error: Error) => {
        signal?.removeEventListener('abort', stop)
        reject(error)
      }
      outgoing.on('error', fail)
      outgoing.on('response', (response) => {
        readText(
          response,
          (text) => {
            signal?.removeEventListener('abort', stop)
            resolve(answer(response, text))
          },
          fail,
        )
      })
      outgoing.end(body)
    })
}

function answer({ statusCode = 0, headers }: IncomingMessage, text: string): TextAnswer {
  const get = (name: string) => headers[name.toLowerCase()]?.toString() ?? null
  return { status: statusCode, headers: { get }, text }
}

function readText(
  response: IncomingMessage,
  done: (text: string) => void,
  fail: (error: Error) => void,
): void {
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    text += chunk
    if (text.length > maxAnswerLength) response.destroy(new Error('The answer is too long.'))
  })
  response.on('end', () => done(text))
  response.on('error', fail)
}
