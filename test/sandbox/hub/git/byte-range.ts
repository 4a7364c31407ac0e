function parseRange(
  range: string,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range)
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  const [, first = '', last = ''] = match
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return start >= size || end < start ? 'unsatisfiable' : { start, end }
}

/**
 * Answers with a content or the one range of it that was asked for (RFC 9110, section 14).
 *
 * @param options the whole content, the `Range` header if any, and headers to add
 * @returns 200, 206 or 416
 */
export function byteRangeResponse(options: {
  content: Uint8Array
  range: string | undefined
  headers: Record<string, string>
}): Response {
  const { content } = options
  const size = content.byteLength
  const headers = new Headers({
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    ...options.headers,
  })
  const range = options.range === undefined ? undefined : parseRange(options.range, size)
  if (range === undefined) {
    // By itself it would be missing from the answer to HEAD, which has no body to count.
    headers.set('content-length', String(size))
    return new Response(Uint8Array.from(content), { status: 200, headers })
  }
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${size}`)
    return new Response(null, { status: 416, headers })
  }
  headers.set('content-range', `bytes ${range.start}-${range.end}/${size}`)
  headers.set('content-length', String(range.end - range.start + 1))
  return new Response(Uint8Array.from(content.subarray(range.start, range.end + 1)), { status: 206, headers })
}
