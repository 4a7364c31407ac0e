/** The largest accepted body, in bytes. The Hub's payloads are below 10 kB. */
export const maxBodyBytes = 1024 * 1024

/** As people read it. */
export const maxBodySize = `${maxBodyBytes / 1024 / 1024} MiB`

/** The parts of a request that the relay reads, on any platform. */
export interface IncomingRequest {
  readonly method: string
  /** Starts with a slash, without the query. */
  readonly path: string
  /** The value of a header, by its lower-case name; null when it is absent. */
  header(name: string): string | null
  /** The value of a query parameter; null when it is absent. */
  query(name: string): string | null
  /**
   * Reads the body and never holds more than the limit: bytes are counted as they arrive. A declared length can only
   * end the reading sooner.
   *
   * @param limit in bytes
   * @returns the bytes, or null when there are more than the limit
   * @throws when the client disconnects
   */
  body(limit: number): Promise<Uint8Array | null>
}

/** Reads a web `Request`. */
export function fromRequest(request: Request): IncomingRequest {
  const { pathname, searchParams } = new URL(request.url)
  return {
    method: request.method,
    path: pathname,
    header: (name) => request.headers.get(name),
    query: (name) => searchParams.get(name),
    body: (limit) => readBody(request, limit),
  }
}

/** Whether `Content-Length` exceeds the limit in bytes. False when it is absent or not a number. */
export function declaresMoreThan(contentLength: string | null | undefined, limit: number): boolean {
  return Number(contentLength ?? 0) > limit
}

async function readBody(request: Request, limit: number): Promise<Uint8Array | null> {
  if (declaresMoreThan(request.headers.get('content-length'), limit)) return null
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body?.getReader()
  while (reader !== undefined) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > limit) {
      await reader.cancel()
      return null
    }
    chunks.push(value)
  }
  return join(chunks, size)
}

function join(chunks: Uint8Array[], size: number): Uint8Array {
  const joined = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    joined.set(chunk, at)
    at += chunk.byteLength
  }
  return joined
}
