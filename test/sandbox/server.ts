import type { AddressInfo } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import type { Fault, FaultHandle } from './faults.ts'
import { createFaults, faultResponse } from './faults.ts'

/** One request as the sandbox saw it. */
export interface RecordedRequest {
  method: string
  /** Path and query as they arrived, still percent-encoded. */
  path: string
  headers: Record<string, string>
  /** What was answered; null while it is under way, and for ever after a hang or a reset. */
  status: number | null
  /** The text of a JSON body of at most 1 MiB. */
  body?: string
}

/** A listening server with its records and faults. */
export interface SandboxServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string
  readonly requests: RecordedRequest[]
  fault(fault: Fault): FaultHandle
  /** Answers a request without a socket and without a record, with the same faults. Rejects on a reset. */
  answer(request: Request): Promise<Response>
  /** Cuts every open connection, and keeps listening. */
  dropConnections(): void
  /** Stops listening and cuts every open connection. */
  close(): Promise<void>
}

const RECORDED_BODY_LIMIT = 1024 * 1024

async function readJsonBody(request: Request): Promise<string | undefined> {
  const type = request.headers.get('content-type') ?? ''
  const length = Number(request.headers.get('content-length') ?? '0')
  if (!/json/.test(type) || length === 0 || length > RECORDED_BODY_LIMIT) return undefined
  return await request
    .clone()
    .text()
    .catch(() => undefined)
}

/** Path and query as they arrived. */
function pathOf({ url }: Request): string {
  return url.replace(/^https?:\/\/[^/]*/, '')
}

function dated(response: Response, now: number): Response {
  if (!response.headers.has('date')) response.headers.set('date', new Date(now).toUTCString())
  return response
}

/**
 * Listens on a free port of 127.0.0.1, writes down every request, and lets faults strike before or after the
 * application answers.
 *
 * @param options `app`: the application, called with the request's own URL; `clock`: what the `Date` headers show,
 * in milliseconds since the epoch, where it is not the real time
 * @returns the running server
 */
export async function startServer(options: {
  app: { fetch(request: Request): Response | Promise<Response> }
  clock?: () => number
}): Promise<SandboxServer> {
  const requests: RecordedRequest[] = []
  const faults = createFaults()
  const outer = new Hono<{ Bindings: HttpBindings }>()

  const handle = async (
    request: Request,
    { path, reset }: { path: string; reset: () => void },
  ): Promise<Response> => {
    const fault = faults.take({ method: request.method, path })
    const carriedOut = fault === undefined || fault.applied || fault.until !== undefined
    const answer = carriedOut ? await options.app.fetch(request) : undefined
    await fault?.until
    if (fault?.reset) reset()
    if (fault?.hang || fault?.reset) return await new Promise<Response>(() => {})
    const response = fault === undefined || fault.until !== undefined ? answer : faultResponse(fault)
    if (response === undefined) throw new Error('A request without a fault always has an answer.')
    return options.clock === undefined ? response : dated(response, options.clock())
  }

  outer.all('*', async (c) => {
    const request = c.req.raw
    const path = pathOf(request)
    const record: RecordedRequest = {
      method: request.method,
      path,
      headers: Object.fromEntries(request.headers),
      status: null,
    }
    requests.push(record)
    const body = await readJsonBody(request)
    if (body !== undefined) record.body = body
    const response = await handle(request, { path, reset: () => c.env.incoming.socket.resetAndDestroy() })
    record.status = response.status
    return response
  })

  const server = createAdaptorServer({
    fetch: outer.fetch,
    overrideGlobalObjects: false,
    // A client that computes for longer than Node's 5 s does not see that its idle connection was closed.
    // https://nodejs.org/api/http.html#serverkeepalivetimeout
    serverOptions: { keepAliveTimeout: 0 },
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve())
  })
  const { port } = server.address() as AddressInfo
  const dropConnections = () => {
    if ('closeAllConnections' in server) server.closeAllConnections()
  }
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    fault: (fault) => faults.add(fault),
    answer: (request) =>
      new Promise<Response>((resolve, reject) => {
        const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
        const reset = () => reject(new TypeError('fetch failed', { cause }))
        handle(request, { path: pathOf(request), reset }).then(resolve, reject)
      }),
    dropConnections,
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
        dropConnections()
      }),
  }
}
