/** The largest body that is read, in bytes. The Hub's payloads are below 10 kB. */
export const maxBodyBytes = 1024 * 1024

/**
 * Reads a body without ever holding more than the limit: the bytes are counted as they arrive, and a declared
 * length can only make it refuse sooner.
 *
 * @returns the bytes, or null when there are more than the limit
 * @throws whatever the stream throws when the sender goes away
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array | null> {
  if (declaresMore(request.headers.get('content-length'), limit)) return null
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

/** Whether a `Content-Length` names more than the limit; one that is no number says nothing. */
export function declaresMore(contentLength: string | null | undefined, limit: number): boolean {
  return Number(contentLength ?? 0) > limit
}

function join(chunks: Uint8Array[], size: number): Uint8Array {
  const [only] = chunks
  if (chunks.length === 1 && only !== undefined) return only
  const joined = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    joined.set(chunk, at)
    at += chunk.byteLength
  }
  return joined
}
