/** Responses with one of these may not have a body. https://fetch.spec.whatwg.org/#null-body-status */
const nullBodyStatuses = [204, 205, 304]

/**
 * Reads the body of an answer, so that one that breaks off or comes too slowly is no answer.
 *
 * @param response of the platform's `fetch`
 * @param options.maxBytes the longest body that is taken. @default any
 * @returns the same answer, its body in memory
 * @throws Error when the body breaks off or is longer
 */
export async function wholeAnswer(
  response: Response,
  { maxBytes = Number.POSITIVE_INFINITY }: { maxBytes?: number } = {},
): Promise<Response> {
  const { status, statusText, headers, url } = response
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw new Error(`its body is longer than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  const body = nullBodyStatuses.includes(status) ? null : new Blob(chunks)
  const whole = new Response(body, { status, statusText, headers })
  // A Response cannot be given one, and the client reads where a download was redirected to.
  return Object.defineProperty(whole, 'url', { value: url })
}
