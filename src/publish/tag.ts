import { HttpError } from '../http/errors.ts'
import type { Hub } from '../hub/hub.ts'
import { createModelTag, listModelTags } from '../hub/models/publish/refs.ts'
import { explained } from './refusals.ts'

/**
 * Tags a published commit. A tag that is there is never moved: people load by it.
 *
 * @param options.model `namespace/name`
 * @param options.commit a full sha
 * @param options.message what the tag says
 * @returns `there` when it points at the commit already, `taken` when it points elsewhere
 * @throws CannotPublish when the token may not tag; HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function tagPublished(
  hub: Hub,
  options: { model: string; tag: string; commit: string; message: string; signal?: AbortSignal | undefined },
): Promise<'tagged' | 'there' | 'taken'> {
  const { model, tag, commit, signal } = options
  return explained(hub, { what: 'write', model }, async () => {
    const find = async () => (await listModelTags(hub, { model, signal })).find(({ name }) => name === tag)
    try {
      if ((await createModelTag(hub, options)) === 'created') return 'tagged'
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof HttpError && error.status < 500) throw error
      // The answer may be lost, and the tag made.
      if ((await find())?.commit === commit) return 'tagged'
      throw error
    }
    const found = await find()
    if (found === undefined)
      throw new Error(`The Hub says that ${model} has the tag ${tag}, and does not list it.`)
    return found.commit === commit ? 'there' : 'taken'
  })
}
