import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { handleBody, headers, isSecret, logLine, maxBytes } from './work.ts'

// The baseline of the comparison: bare node:http.

function answer(response: ServerResponse, id: string, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  logLine(id, status, body)
  response.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  if (request.method !== 'POST' || request.url !== '/webhook') {
    response.writeHead(request.url === '/healthz' ? 200 : 404).end()
    return
  }
  const id = String(request.headers['webhook-id'] ?? `msg_${randomBytes(16).toString('hex')}`)
  if (!isSecret(String(request.headers['x-webhook-secret'] ?? ''))) {
    request.resume()
    answer(response, id, 403, { error: 'wrong secret' })
    return
  }
  const chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.byteLength
    if (size <= maxBytes) chunks.push(chunk)
  })
  request.on('end', async () => {
    const [status, value] =
      size > maxBytes ? [413, { error: 'too large' }] : await handleBody(id, Buffer.concat(chunks))
    answer(response, id, Number(status), value)
  })
})
server.listen(0, '127.0.0.1', () => {
  console.log(`listens on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
