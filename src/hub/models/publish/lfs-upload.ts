import * as z from 'zod/mini'
import { parseJson } from '../../../domain/parse-json.ts'
import { showWords } from '../../../http/answers/words.ts'
import type { Hub } from '../../hub.ts'

/** A content in LFS: its sha256 and its size. */
export interface LfsObject {
  readonly oid: string
  readonly size: number
}

/** One request that brings a part of a content, or all of it. */
export interface UploadPart {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The part's first byte in the content, and the byte after its last. */
  readonly start: number
  readonly end: number
}

/** How the Hub wants a content. */
export interface UploadPlan {
  /** In the order of the content. */
  readonly parts: readonly UploadPart[]
  /** Where to say that all parts are there; null where there is but one. */
  readonly completeUrl: string | null
  /** Where to ask whether the content arrived; null where nothing asks for that. */
  readonly verifyUrl: string | null
}

const address = z.string().check(z.regex(/^https?:\/\//))
const actionSchema = z.object({
  href: address,
  header: z.optional(z.nullable(z.record(z.string(), z.union([z.string(), z.number()])))),
})
type Action = z.infer<typeof actionSchema>

const batchSchema = z.object({
  transfer: z.optional(z.nullable(z.string())),
  objects: z.array(
    z.object({
      oid: z.string(),
      error: z.optional(z.nullable(z.object({ message: z.string() }))),
      actions: z.optional(
        z.nullable(z.object({ upload: z.optional(actionSchema), verify: z.optional(actionSchema) })),
      ),
    }),
  ),
})

/** What the protocol's JSON is called. */
const lfsType = 'application/vnd.git-lfs+json'

/**
 * Asks how to upload a content to a model.
 * https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
 *
 * @param options.model `namespace/name`
 * @returns null when the model has the content already
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer; Error when it does not take the content
 */
export async function askForUpload(
  hub: Hub,
  { model, object, signal }: { model: string; object: LfsObject; signal?: AbortSignal | undefined },
): Promise<UploadPlan | null> {
  const path = model.split('/').map(encodeURIComponent).join('/')
  const response = await hub.repeatFor(signal)(`${hub.url}/${path}.git/info/lfs/objects/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.token}`, accept: lfsType, 'content-type': lfsType },
    body: JSON.stringify({
      operation: 'upload',
      transfers: ['basic', 'multipart'],
      hash_algo: 'sha256',
      ref: { name: 'main' },
      objects: [object],
    }),
  })
  const { data: answer } = batchSchema.safeParse(parseJson(await response.text()))
  const found = answer?.objects.find(({ oid }) => oid === object.oid)
  if (answer === undefined || found === undefined) {
    throw new Error("The Hub's answer about the upload has an unknown form.")
  }
  if (found.error) throw new Error(`The Hub does not take the content: "${showWords(found.error.message)}"`)
  const upload = found.actions?.upload
  if (upload === undefined) return null
  if (!['basic', 'multipart'].includes(answer.transfer ?? 'basic')) {
    throw new Error('The Hub offers no upload by plain git-lfs.')
  }
  return { ...partsOf(upload, object), verifyUrl: found.actions?.verify?.href ?? null }
}

/**
 * The Hub's own kind of upload in parts names their size and address in the header of the action.
 * https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/lfs.py
 */
function partsOf({ href, header }: Action, { size }: LfsObject): Omit<UploadPlan, 'verifyUrl'> {
  const entries = Object.entries(header ?? {}).map(([name, value]): [string, string] => [name, String(value)])
  const chunkSize = entries.find(([name]) => name === 'chunk_size')?.[1]
  if (chunkSize === undefined) {
    return {
      parts: [{ url: href, headers: Object.fromEntries(entries), start: 0, end: size }],
      completeUrl: null,
    }
  }
  const step = /^[1-9]\d{0,14}$/.test(chunkSize) ? Number(chunkSize) : Number.NaN
  const urls = entries
    .filter(([name]) => /^\d{1,9}$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, url]) => url)
  if (urls.length !== Math.ceil(size / step) || !urls.every((url) => /^https?:\/\//.test(url))) {
    throw new Error("The Hub's answer about the upload has other parts than the content.")
  }
  const parts = urls.map((url, index) => ({
    url,
    headers: {},
    start: index * step,
    end: Math.min((index + 1) * step, size),
  }))
  return { parts, completeUrl: href }
}

/**
 * Ends an upload: says which parts were stored, where there are several, and asks whether the content arrived, where
 * the Hub wants that.
 *
 * @param options.etags what the storage answered to each part, in their order
 * @throws HttpError or NoAnswerError
 */
export async function finishUpload(
  hub: Hub,
  options: {
    plan: UploadPlan
    object: LfsObject
    etags: readonly string[]
    signal?: AbortSignal | undefined
  },
): Promise<void> {
  const { plan, object, etags, signal } = options
  const { completeUrl, verifyUrl } = plan
  const headers = { accept: lfsType, 'content-type': lfsType }
  if (completeUrl !== null) {
    const parts = etags.map((etag, index) => ({ partNumber: index + 1, etag }))
    // The address is signed, and no client of the Hub sends a token with it.
    await hub.repeatFor(signal)(completeUrl, {
      method: 'POST',
      headers,
      body: JSON.stringify({ oid: object.oid, parts }),
    })
  }
  if (verifyUrl !== null) {
    await hub.repeatFor(signal)(verifyUrl, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${hub.token}` },
      body: JSON.stringify(object),
    })
  }
}
