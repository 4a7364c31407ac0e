import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Fault, type Faults, matchFaults } from './faults.ts'

/** One request as it arrived. */
export interface RecordedRequest {
  method: string
  /** Path without the query. */
  path: string
  query: URLSearchParams
  /** Names in lower case; a header sent twice is joined with `, `. */
  headers: Record<string, string>
  /** The body as text; empty without one. */
  body: string
}

/** What a handler answers; `json` and `text` exclude each other, and neither means an empty body. */
export interface Answer {
  status: number
  headers?: Record<string, string>
  json?: unknown
  text?: string
}

/** An HTTP server on 127.0.0.1. */
export interface Loopback extends Faults {
  url: string
  /** Every request, also those that a fault swallowed. */
  requests: RecordedRequest[]
  close(): Promise<void>
}

/**
 * Listens on a free port of 127.0.0.1, records what arrives and lets faults come before the handler.
 *
 * @param handle answers one request
 */
export async function listenOnLoopback(
  handle: (request: RecordedRequest) => Answer | Promise<Answer>,
): Promise<Loopback> {
  const requests: RecordedRequest[] = []
  const faults = matchFaults()
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error) => {
      console.error(error)
      response.destroy()
    })
  })

  async function serve(incoming: IncomingMessage, response: ServerResponse) {
    const request = await record(incoming)
    requests.push(request)
    const fault = faults.take(request)
    if (fault?.hang) {
      return
    }
    if (fault?.reset) {
      reset(incoming)
      return
    }
    const answer = fault && !fault.acceptThenReset ? faultAnswer(fault) : await handle(request)
    if (fault?.acceptThenReset) {
      reset(incoming)
      return
    }
    send(response, answer)
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fault: faults.fault,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function record(incoming: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer)
  }
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(', ')])
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

function faultAnswer(fault: Fault): Answer {
  const body = typeof fault.body === 'string' ? { text: fault.body } : { json: fault.body }
  return {
    status: fault.status ?? 500,
    headers: fault.headers ?? {},
    ...(fault.body === undefined ? {} : body),
  }
}

function send(response: ServerResponse, answer: Answer): void {
  const body = answer.json === undefined ? (answer.text ?? '') : JSON.stringify(answer.json)
  const type = answer.json === undefined ? 'text/html' : 'application/json; charset=utf-8'
  response.writeHead(answer.status, {
    ...(body === '' ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
    ...answer.headers,
  })
  response.end(body)
}

// A reset, not an orderly end: the client cannot tell whether the work was done.
function reset(incoming: IncomingMessage): void {
  incoming.socket.resetAndDestroy()
}
