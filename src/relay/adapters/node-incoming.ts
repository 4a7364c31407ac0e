import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from '../answers.ts'
import { declaresMoreThan, type IncomingRequest } from '../incoming.ts'

/** How long the rest of a body may still arrive after the answer, so that the client can read the answer. */
const graceMs = 500

/** A body up to this size is on its way already, so its connection is not cut after an early answer. */
const shortBodyBytes = 64 * 1024

/** Reads Node's own request. */
export function fromIncomingMessage(message: IncomingMessage): IncomingRequest {
  const { method = '' } = message
  const url = originForm(message.url ?? '')
  const queryAt = url.indexOf('?')
  return {
    method,
    path: queryAt < 0 ? url : url.slice(0, queryAt),
    header: (name) => message.headers[name]?.toString() ?? null,
    query: (name) => new URLSearchParams(queryAt < 0 ? '' : url.slice(queryAt)).get(name),
    body: (limit) => readBody(message, limit),
  }
}

/** Path and query, also of the absolute form that a proxy may send. https://www.rfc-editor.org/rfc/rfc9112#name-absolute-form */
function originForm(target: string): string {
  if (target.startsWith('/')) return target
  const url = URL.parse(target)
  return url === null ? target : url.pathname + url.search
}

/** Writes the answer. The rest of a long body is discarded for a moment, then the connection is cut. */
export function writeAnswer(message: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, headers, body } = answer
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
  if (message.complete || Number(message.headers['content-length'] ?? Infinity) <= shortBodyBytes) return
  const timer = setTimeout(() => message.socket.destroySoon(), graceMs)
  message.once('close', () => clearTimeout(timer)).resume()
}

function readBody(message: IncomingMessage, limit: number): Promise<Uint8Array | null> {
  if (declaresMoreThan(message.headers['content-length'], limit)) return Promise.resolve(null)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    message.on('data', (chunk: Buffer) => {
      size += chunk.byteLength
      if (size <= limit) chunks.push(chunk)
      else resolve(null)
    })
    message.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    message.on('error', reject)
    message.on('close', () => {
      if (!message.complete) reject(new Error('The client disconnected.'))
    })
  })
}
