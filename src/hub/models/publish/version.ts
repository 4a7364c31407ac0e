import { listFiles } from '@huggingface/hub'
import * as z from 'zod/mini'
import type { Hub } from '../../hub.ts'

/** A file of a model at a commit. */
export interface ModelVersionFile {
  readonly path: string
  /** The id of its content, the same in every repository: its sha256 in LFS, else git's id. */
  readonly content: string
  readonly bytes: number
  /** Whether its content is in LFS, not in git. */
  readonly isLfs: boolean
  /** The hash by which the Hub can copy it; null where it has none, as after a push by an old client. */
  readonly xetHash: string | null
}

const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/))

const entrySchema = z.object({
  type: z.enum(['file', 'directory']),
  path: z.string().check(z.minLength(1)),
  oid: z.string().check(z.regex(/^[0-9a-f]{40}$/)),
  size: z.optional(z.number()),
  lfs: z.optional(z.nullable(z.object({ oid: hash, size: z.number() }))),
  xetHash: z.optional(z.nullable(hash)),
})

/**
 * Lists all files of a model at a commit, page by page; each commit is listed once.
 * https://huggingface.co/docs/hub/api#get-apimodelsrepoidtreerevisionpath
 *
 * @param options.model `namespace/name`
 * @param options.revision a full sha, whose files never change
 * @returns the whole list, never a part of it
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer; Error when the list is not complete or has an
 *   unknown form: a file that is left out would look as if it had been deleted
 */
export function listModelVersion(
  hub: Hub,
  options: { model: string; revision: string; signal?: AbortSignal | undefined },
): Promise<readonly ModelVersionFile[]> {
  return hub.once(`model files ${options.model} ${options.revision}`, () => list(hub, options))
}

async function list(
  hub: Hub,
  { model, revision, signal }: { model: string; revision: string; signal?: AbortSignal | undefined },
): Promise<ModelVersionFile[]> {
  const repo = { type: 'model', name: model } as const
  const entries = listFiles({ repo, revision, recursive: true, ...hub.access(signal) })
  const files: ModelVersionFile[] = []
  for await (const given of entries) {
    const { data: entry } = entrySchema.safeParse(given)
    if (entry === undefined || !isPlainPath(entry.path)) {
      throw new Error(`The Hub's list of the files of ${model} has an unknown form.`)
    }
    const { type, path, oid, size = 0, lfs, xetHash } = entry
    if (type === 'directory') continue
    files.push({
      path,
      content: lfs?.oid ?? oid,
      bytes: lfs?.size ?? size,
      isLfs: lfs !== undefined && lfs !== null,
      xetHash: xetHash ?? null,
    })
  }
  return files
}

/** A path that stays where it is when it becomes part of an address. */
function isPlainPath(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
