/** A way for the next matching requests to go wrong. */
export interface Fault {
  /** Only this method. @default any */
  method?: string
  /** Tested against path and query as they arrived, still percent-encoded. */
  path: RegExp
  /** How many requests it hits, before others of the list get their turn; `Infinity` for all. @default 1 */
  times?: number
  /** @default 500 */
  status?: number
  /** An object is sent as JSON, a string as text. */
  body?: unknown
  headers?: Record<string, string>
  /** Never answers: the caller's own time limit has to end it. */
  hang?: boolean
  /** Carries the request out and answers as ever, but not before this resolves. */
  until?: Promise<void>
  /** Cuts the connection with a TCP reset, before anything is done unless `applied`: a client sees ECONNRESET. */
  reset?: boolean
  /** The request is carried out and only its answer is replaced, as when a reply is lost on the way. */
  applied?: boolean
}

/** A fault that was set: how often it struck so far, and the way to lift it. */
export interface FaultHandle {
  readonly hits: number
  lift(): void
}

/** The faults of one server. */
export interface Faults {
  add(fault: Fault): FaultHandle
  /** The first fault that fits, counted as struck; or undefined. */
  take(request: { method: string; path: string }): Fault | undefined
}

/** @returns an empty list of faults */
export function createFaults(): Faults {
  const active: { fault: Fault; hits: number }[] = []
  return {
    add(fault) {
      const entry = { fault, hits: 0 }
      active.push(entry)
      return {
        get hits() {
          return entry.hits
        },
        lift() {
          const index = active.indexOf(entry)
          if (index >= 0) active.splice(index, 1)
        },
      }
    },
    take({ method, path }) {
      const entry = active.find(
        ({ fault, hits }) =>
          hits < (fault.times ?? 1) &&
          (fault.method ?? method).toUpperCase() === method &&
          path.search(fault.path) >= 0,
      )
      if (entry === undefined) return undefined
      entry.hits += 1
      return entry.fault
    },
  }
}

/**
 * The answer a fault gives instead of the server's own.
 *
 * @param fault one that neither hangs nor resets
 * @returns the response to send
 */
export function faultResponse(fault: Fault): Response {
  const status = fault.status ?? 500
  const isText = typeof fault.body === 'string'
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
  const body = isText ? String(fault.body) : JSON.stringify(fault.body ?? { error: 'Internal Error' })
  const headers = { 'content-type': type, ...fault.headers }
  return new Response([204, 304].includes(status) ? null : body, { status, headers })
}
