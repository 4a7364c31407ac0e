import * as z from 'zod/mini'
import { parseJson } from '../../../domain/parse-json.ts'
import { showWords } from '../../../http/answers/words.ts'
import { HttpError } from '../../../http/errors.ts'
import type { Hub } from '../../hub.ts'
import { describeHubAnswer } from '../../refusals.ts'
import { modelPath } from '../models.ts'

/** A content in LFS to copy. */
interface CopiedFile {
  readonly path: string
  /** Its sha256. */
  readonly content: string
  readonly xetHash: string
}

/** A content that was not copied. */
interface FailedCopy {
  /** Its sha256. */
  readonly content: string
  /** In the Hub's words, on one line. Untrusted. */
  readonly why: string
}

/** The Hub takes up to 1000 files; its own client sends 500. */
const maxFilesPerRequest = 500

const answerSchema = z.object({
  success: z.boolean(),
  failed: z.array(z.object({ sha256: z.string(), error: z.optional(z.nullable(z.string())) })),
})

/**
 * Makes contents in LFS of one model known to another without moving bytes through this machine. Nothing is visible
 * there before a commit names them, so that it may be repeated. The Hub copies within one storage region only, and only
 * what has a hash of Xet. https://huggingface.co/docs/hub/xet
 *
 * @param options.from `namespace/name` of the model that has them
 * @param options.to `namespace/name` of the model that gets them
 * @returns the contents that were not copied; all of them where the Hub refuses the whole request
 * @throws HttpError when the token is not accepted, a limit is reached or the Hub fails; NoAnswerError
 */
export async function copyOnHub(
  hub: Hub,
  options: { from: string; to: string; files: readonly CopiedFile[]; signal?: AbortSignal | undefined },
): Promise<FailedCopy[]> {
  const distinct = [...new Map(options.files.map((file) => [file.content, file])).values()]
  const failed: FailedCopy[] = []
  for (let start = 0; start < distinct.length; start += maxFilesPerRequest) {
    const batch = distinct.slice(start, start + maxFilesPerRequest)
    failed.push(...(await copyBatch(hub, { ...options, files: batch })))
  }
  return failed
}

async function copyBatch(hub: Hub, options: Parameters<typeof copyOnHub>[1]): Promise<FailedCopy[]> {
  const { from, to, files, signal } = options
  const allFailed = (why: string) => files.map(({ content }) => ({ content, why }))
  let text: string
  try {
    const response = await hub.repeatFor(signal)(`${hub.url}${modelPath(from)}/lfs-files/duplicate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        target: { type: 'model', name: to },
        files: files.map(({ path, content, xetHash }) => {
          return { xetHash, sha256: content, filename: path.slice(0, 1000) }
        }),
      }),
    })
    text = await response.text()
  } catch (error) {
    // How the Hub refuses another region is not documented, so every refusal of the request may be that one.
    if (!(error instanceof HttpError) || !isRefusal(error)) throw error
    return allFailed(describeHubAnswer(error))
  }
  const { data: answer } = answerSchema.safeParse(parseJson(text))
  if (answer === undefined) return allFailed('its answer has an unknown form')
  const asked = new Set(files.map(({ content }) => content))
  const failed = answer.failed.filter(({ sha256 }) => asked.has(sha256))
  // Without a name of ours the failure may be about any of them.
  if (failed.length < answer.failed.length || (!answer.success && failed.length === 0)) {
    return allFailed('it does not say which files failed')
  }
  return failed.map(({ sha256, error }) => {
    return { content: sha256, why: showWords(error ?? '') || 'without a reason' }
  })
}

/** An outage is none: gigabytes would go through this machine that the Hub copies an hour later. */
function isRefusal({ status, isLimit }: HttpError): boolean {
  return !isLimit && status < 500 && status !== 401 && status !== 408
}
