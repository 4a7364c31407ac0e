/** The largest body that is read, in bytes. The Hub's payloads are below 10 kB. */
export const maxBodyBytes = 1024 * 1024

/** What the relay reads of a request, however the platform holds it. */
export interface IncomingRequest {
  readonly method: string
  /** Begins with a slash, without the query. */
  readonly path: string
  /** A header by its name in lower case; null when it is absent. */
  header(name: string): string | null
  /** The value of a parameter of the query; null when it is absent. */
  query(name: string): string | null
  /**
   * The body, never holding more than the limit: the bytes are counted as they arrive, and a declared length can
   * only make it refuse sooner.
   *
   * @returns the bytes, or null when there are more than the limit
   * @throws when the sender goes away
   */
  body(limit: number): Promise<Uint8Array | null>
}

/** A request of the web's kind. */
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

/** Whether a `Content-Length` names more than the limit; one that is no number says nothing. */
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
