import type { Hub } from './hub.ts'

/** Where a part of a file lies: from its byte `start` to before its byte `end`. */
export interface PartRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads a part of a dataset's file at a revision. The Hub redirects to where a large file lies, which does not get the
 * token.
 * https://huggingface.co/docs/hub/api, https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
 *
 * @param options.range not empty, and at most 4 MiB long
 * @returns the bytes of the range, fewer where the file ends before
 * @throws HttpError, NoAnswerError, or Error when other bytes than those were answered
 */
export async function readFilePart(
  hub: Hub,
  options: {
    dataset: string
    revision: string
    path: string
    range: PartRange
    signal: AbortSignal
  },
): Promise<Uint8Array> {
  const { dataset, revision, path, range, signal } = options
  const file = [revision, ...path.split('/')].map(encodeURIComponent).join('/')
  const response = await hub.partFor(signal)(`${hub.url}/datasets/${dataset}/resolve/${file}`, {
    headers: { authorization: `Bearer ${hub.token}`, range: `bytes=${range.start}-${range.end - 1}` },
  })
  const bytes = new Uint8Array(await response.arrayBuffer())
  // A server may answer with the whole file.
  if (response.status !== 206) return bytes.subarray(range.start, range.end)
  const first = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1]
  if (first !== String(range.start) || bytes.length > range.end - range.start) {
    throw new Error('The Hub answered with another part of the file than the one that was asked for.')
  }
  return bytes
}
