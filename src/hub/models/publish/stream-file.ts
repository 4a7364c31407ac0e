import { createHash, type Hash } from 'node:crypto'
import { HttpError } from '../../../http/errors.ts'
import type { Hub } from '../../hub.ts'
import { askForUpload, finishUpload, type UploadPart } from './lfs-upload.ts'

/** Tries of one part, or of the whole of a small file. */
const maxTries = 3

const firstDelayMs = 1000

/** A longer pause than this is left to the next check. */
const maxDelayMs = 60_000

/** A file in LFS, and where it goes. */
interface StreamedFile {
  readonly from: { readonly model: string; readonly commit: string }
  /** `namespace/name` */
  readonly to: string
  readonly path: string
  /** Its sha256. */
  readonly content: string
  readonly bytes: number
}

/**
 * Brings a content in LFS from one model to another through this machine, as it arrives: no file and little memory is
 * needed for it. What arrives is checked against size and sha256 before its last bytes are passed on. Nothing is visible
 * there before a commit names it, so that it may be repeated.
 *
 * @returns the bytes that were moved; 0 when the other model had the content already
 * @throws HttpError or NoAnswerError when a try failed three times or must not be repeated; Error when other bytes
 *   arrived than the model lists
 */
export async function streamFile(
  hub: Hub,
  options: StreamedFile & { signal?: AbortSignal | undefined },
): Promise<number> {
  const { to, content, bytes, signal } = options
  const object = { oid: content, size: bytes }
  return tryAgain(hub, signal, async () => {
    const plan = await askForUpload(hub, { model: to, object, signal })
    if (plan === null) return 0
    const etags: string[] = []
    let hash = createHash('sha256')
    for (const part of plan.parts) {
      const before = hash
      const send = async () => {
        const after = before.copy()
        const etag = await sendPart(hub, { ...options, part, hash: after })
        return { etag, after }
      }
      // A file of one part is repeated with a new address, one of several does not begin again.
      const sent = await (plan.parts.length === 1 ? send() : tryAgain(hub, signal, send))
      hash = sent.after
      etags.push(sent.etag)
    }
    await finishUpload(hub, { plan, object, etags, signal })
    return bytes
  })
}

async function tryAgain<T>(hub: Hub, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run()
    } catch (error) {
      signal?.throwIfAborted()
      const delayMs = delayBefore(error, tries)
      if (tries === maxTries || delayMs === null) throw error
      await hub.clock.sleep(delayMs, signal)
    }
  }
}

/** Null when another try would end the same way. A broken connection and wrong bytes are worth one. */
function delayBefore(error: unknown, tries: number): number | null {
  const doubled = firstDelayMs * 2 ** (tries - 1)
  if (!(error instanceof HttpError)) return doubled
  const { status, isLimit, retryAfterMs } = error
  if (!isLimit && status !== 408 && status < 500) return null
  const delayMs = retryAfterMs ?? doubled
  return delayMs <= maxDelayMs ? delayMs : null
}

/** @returns what the storage calls the part; empty where it gives it no name */
async function sendPart(
  hub: Hub,
  options: StreamedFile & { part: UploadPart; hash: Hash; signal?: AbortSignal | undefined },
): Promise<string> {
  const { part, bytes, content, hash, signal } = options
  const size = part.end - part.start
  const download = await openPart(hub, options)
  const { body, problem } = checked(download, { size, hash, sha256: part.end === bytes ? content : null })
  // `duplex` is missing in the DOM's type.
  const request: RequestInit & { duplex: 'half' } = {
    method: 'PUT',
    // Signed addresses of storage refuse a body whose length they do not know.
    headers: { ...part.headers, 'content-length': String(size) },
    body,
    duplex: 'half',
  }
  try {
    const response = await hub.transferFor(signal)(part.url, request)
    await response.body?.cancel()
    return response.headers.get('etag') ?? ''
  } catch (error) {
    throw problem() ?? error
  } finally {
    // Not read to its end where the storage refused before.
    await body.cancel().catch(() => {})
  }
}

async function openPart(
  hub: Hub,
  options: StreamedFile & { part: UploadPart; signal?: AbortSignal | undefined },
): Promise<ReadableStream<Uint8Array>> {
  const { from, path, part, bytes, signal } = options
  const isWhole = part.start === 0 && part.end === bytes
  const address = [...from.model.split('/'), 'resolve', from.commit, ...path.split('/')]
  const response = await hub.transferFor(signal)(`${hub.url}/${address.map(encodeURIComponent).join('/')}`, {
    headers: {
      authorization: `Bearer ${hub.token}`,
      // Compressed on the way, the bytes would not have the size that the model lists.
      'accept-encoding': 'identity',
      ...(!isWhole && { range: `bytes=${part.start}-${part.end - 1}` }),
    },
  })
  if (response.body === null || (!isWhole && response.status !== 206)) {
    await response.body?.cancel()
    throw new Error(`The Hub did not answer with the part of ${path} that was asked for.`)
  }
  return response.body
}

/**
 * The same bytes, counted. The last ones are held back until all are known to be right, so that a storage that does not
 * check the content keeps nothing wrong.
 *
 * @returns the bytes, and why they broke off: who sends them on reports another error
 */
function checked(
  download: ReadableStream<Uint8Array>,
  { size, hash, sha256 }: { size: number; hash: Hash; sha256: string | null },
): { body: ReadableStream<Uint8Array>; problem: () => unknown } {
  const reader = download.getReader()
  let held: Uint8Array | null = null
  let seen = 0
  let problem: unknown = null
  const assertRight = (isEnd: boolean) => {
    const isComplete = seen === size && (sha256 === null || hash.copy().digest('hex') === sha256)
    if (seen > size || (isEnd && !isComplete)) {
      throw new Error('Other bytes arrived than the model lists: its content changed on the way.')
    }
  }
  const next = async (): Promise<{ chunk: Uint8Array | null; isEnd: boolean }> => {
    for (;;) {
      const { done, value } = await reader.read()
      const chunk = held
      if (!done) {
        seen += value.byteLength
        hash.update(value)
        held = value
      }
      assertRight(done)
      if (done || chunk !== null) return { chunk, isEnd: done }
    }
  }
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { chunk, isEnd } = await next()
          if (chunk !== null) controller.enqueue(chunk)
          if (isEnd) controller.close()
        } catch (error) {
          problem = error
          await reader.cancel().catch(() => {})
          controller.error(error)
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return { body, problem: () => problem }
}
