/** Statuses whose responses must not have a body. https://fetch.spec.whatwg.org/#null-body-status */
const nullBodyStatuses = [204, 205, 304]

/**
 * Reads the whole body of an answer, so that a broken or slow body fails the request instead of a later read.
 *
 * @param response an answer of the platform's `fetch`
 * @param options.maxBytes the longest body that is accepted. @default no limit
 * @returns the same answer with its body in memory
 * @throws Error when the connection breaks or the body is longer
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
    if (bytes > maxBytes) throw new Error(`The body is longer than ${maxBytes} bytes.`)
    chunks.push(chunk)
  }
  const body = nullBodyStatuses.includes(status) ? null : new Blob(chunks)
  const whole = new Response(body, { status, statusText, headers })
  // The constructor takes no URL, and the Hub's client reads where a download was redirected to.
  return Object.defineProperty(whole, 'url', { value: url })
}
