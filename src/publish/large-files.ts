import { formatBytes, formatCount } from '../domain/text/format.ts'
import type { Hub } from '../hub/hub.ts'
import { copyOnHub } from '../hub/models/publish/server-copy.ts'
import { streamFile } from '../hub/models/publish/stream-file.ts'
import type { ModelVersionFile } from '../hub/models/publish/version.ts'

/** How the large files came to the published model. */
export interface Moved {
  /** Bytes that the Hub copied by itself. */
  readonly copiedBytes: number
  /** Bytes that went through this machine. */
  readonly streamedBytes: number
}

/**
 * Makes the contents of files in LFS known to another model: by the Hub's own copy, and where there is none, through
 * this machine. Nothing is visible there before a commit names them.
 *
 * @param options.from the model that has them, at the commit that lists them
 * @param options.to `namespace/name`
 * @param options.files each content is moved once
 * @param options.log receives a line about what goes through this machine
 * @param options.onStream is told how many bytes do, before the first
 * @throws HttpError or NoAnswerError when the Hub refuses it or gives no clear answer; Error for wrong bytes
 */
export async function moveLargeFiles(
  hub: Hub,
  options: {
    from: { readonly model: string; readonly commit: string }
    to: string
    files: readonly ModelVersionFile[]
    log: (line: string) => void
    onStream?: ((bytes: number) => Promise<void>) | undefined
    signal?: AbortSignal | undefined
  },
): Promise<Moved> {
  const { from, to, log, onStream, signal } = options
  const files = [...new Map(options.files.map((file) => [file.content, file])).values()]
  const copied = files.flatMap((file) =>
    file.xetHash === null ? [] : [{ path: file.path, content: file.content, xetHash: file.xetHash }],
  )
  const failed = await copyOnHub(hub, { from: from.model, to, files: copied, signal })
  const reasons = new Map(failed.map(({ content, why }) => [content, why]))
  const left = files.filter(({ xetHash, content }) => xetHash === null || reasons.has(content))
  if (left.length > 0) {
    const withoutHash = left.filter(({ xetHash }) => xetHash === null).length
    const [why] = reasons.values()
    const causes = [
      ...(withoutHash === 0 ? [] : [`${formatCount(withoutHash, 'file')} came from an old client`]),
      ...(why === undefined ? [] : [`the Hub did not copy ${formatCount(reasons.size, 'file')}: ${why}`]),
    ]
    log(
      `${formatBytes(sum(left))} of ${formatCount(left.length, 'large file')} go through this machine: ${causes.join('; ')}`,
    )
    await onStream?.(sum(left))
  }
  let streamedBytes = 0
  for (const { path, content, bytes } of left) {
    streamedBytes += await streamFile(hub, { from, to, path, content, bytes, signal })
  }
  return { copiedBytes: sum(files) - sum(left), streamedBytes }
}

function sum(files: readonly ModelVersionFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0)
}
