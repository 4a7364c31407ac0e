import * as z from 'zod/mini'
import { parseJson } from '../../../domain/parse-json.ts'
import { HttpError } from '../../../http/errors.ts'
import type { Hub } from '../../hub.ts'
import { modelPath } from '../models.ts'

/** One line of a commit. https://huggingface.co/docs/hub/api#post-apimodelsrepoidcommitrev */
export type CommitLine =
  | { readonly key: 'file'; readonly value: { path: string; content: string; encoding: 'base64' } }
  | { readonly key: 'lfsFile'; readonly value: { path: string; algo: 'sha256'; oid: string; size: number } }
  | { readonly key: 'deletedFile'; readonly value: { path: string } }

/** Another commit came in between: what was judged is not what is there now. */
export class MovedOn extends Error {
  override readonly name = 'MovedOn'
}

const answerSchema = z.object({ commitOid: z.string().check(z.regex(/^[0-9a-f]{40}$/)) })

/**
 * Makes one commit on a model's main branch: all of it or nothing. It is sent once, since a lost answer does not say
 * whether it was made.
 *
 * @param options.model `namespace/name`
 * @param options.title the first line of the message
 * @param options.description the rest of it
 * @param options.parent the head of main that the commit is for; null: whatever it is
 * @param options.lines contents in LFS must be known to the model already
 * @returns the sha of the commit
 * @throws MovedOn when main has another head; HttpError when the Hub refuses it; NoAnswerError when the answer was lost;
 *   Error when it has an unknown form
 */
export async function commitToModel(
  hub: Hub,
  options: {
    model: string
    title: string
    description: string
    parent: string | null
    lines: readonly CommitLine[]
    signal?: AbortSignal | undefined
  },
): Promise<string> {
  const { model, title, description, parent, lines, signal } = options
  const header = {
    key: 'header',
    value: { summary: title, description, ...(parent !== null && { parentCommit: parent }) },
  }
  // Not one string: the engine limits the length of those.
  const body = new Blob([header, ...lines].flatMap((line) => [JSON.stringify(line), '\n']))
  try {
    const response = await hub.transferFor(signal)(`${hub.url}${modelPath(model)}/commit/main`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.token}`, 'content-type': 'application/x-ndjson' },
      body,
    })
    const { data: answer } = answerSchema.safeParse(parseJson(await response.text()))
    if (answer === undefined) throw new Error("The Hub's answer to the commit has an unknown form.")
    return answer.commitOid
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 412) throw error
    throw new MovedOn(`${model} got another commit in between.`, { cause: error })
  }
}
