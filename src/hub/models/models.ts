import * as z from 'zod/mini'
import { parseJson } from '../../domain/parse-json.ts'
import type { Visibility } from '../../domain/visibility.ts'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'

/** A model as the Hub shows it now. */
export interface ModelAt {
  /** `namespace/name`, as it is today: the Hub redirects from the name before a rename. */
  readonly name: string
  /** The newest commit of its main branch; null where the Hub does not say. */
  readonly head: string | null
  readonly visibility: Visibility
  /** Whether its files are only for accounts that accepted its conditions; null where the Hub does not say. */
  readonly isGated: boolean | null
  /** Its `config.json` in parts, such as `model_type` and `architectures`, unchecked; null where the Hub shows none. */
  readonly config: unknown
  /** The paths of its files; null where the Hub does not say. */
  readonly files: readonly string[] | null
  /** What it is for, such as `image-classification`; null where the Hub does not say. */
  readonly pipeline: string | null
}

const modelSchema = z.object({
  /** What each answer about a model has; one without it may be about anything. */
  id: z.string(),
  sha: z.optional(z.nullable(z.string())),
  private: z.optional(z.boolean()),
  gated: z.optional(z.union([z.boolean(), z.string()])),
  config: z.optional(z.unknown()),
  pipeline_tag: z.optional(z.nullable(z.string())),
  siblings: z.optional(z.array(z.object({ rfilename: z.string() }))),
})

/**
 * Looks a model up.
 *
 * @param options.model `namespace/name`, or a name without namespace
 * @returns null when there is none that the token may see
 */
export async function findModel(
  hub: Hub,
  options: { model: string; signal?: AbortSignal | undefined },
): Promise<ModelAt | null> {
  try {
    // The Hub redirects from a name before a rename, and from names without a namespace.
    const response = await hub.fetchFor(options.signal)(`${hub.url}${modelPath(options.model)}`, {
      headers: { accept: 'application/json', authorization: `Bearer ${hub.token}` },
    })
    const { data: found } = modelSchema.safeParse(parseJson(await response.text()))
    if (found === undefined) throw new Error("The Hub's answer about the model has an unknown form.")
    const visibility = found.private === undefined ? 'unknown' : found.private ? 'private' : 'public'
    return {
      name: found.id,
      head: found.sha ?? null,
      visibility,
      isGated: found.gated === undefined ? null : found.gated !== false,
      config: found.config ?? null,
      files: found.siblings?.map(({ rfilename }) => rfilename) ?? null,
      pipeline: found.pipeline_tag ?? null,
    }
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}

/** As {@link findModel}, once in a run: what plans and reports ask again need not be newer. */
export function findModelOnce(
  hub: Hub,
  options: { model: string; signal?: AbortSignal | undefined },
): Promise<ModelAt | null> {
  return hub.once(`model ${options.model}`, () => findModel(hub, options))
}

/**
 * Asks whether the token may read the files of a model: those of a gated one are for accounts that accepted its
 * conditions. https://huggingface.co/docs/hub/models-gated
 *
 * @param options.model `namespace/name`
 * @throws HttpError when it may not, or NoAnswerError
 */
export async function checkModelAccess(
  hub: Hub,
  { model, signal }: { model: string; signal: AbortSignal },
): Promise<void> {
  await hub.api.call({ method: 'GET', path: `${modelPath(model)}/auth-check`, answer: null, signal })
}

/** The path of a model below the Hub's URL. */
export function modelPath(model: string): string {
  return `/api/models/${model.split('/').map(encodeURIComponent).join('/')}`
}
