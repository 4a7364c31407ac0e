import { commit, createRepo } from '@huggingface/hub'
import type { CodeFile } from '../../domain/code.ts'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'
import { newestModelCommit } from './models.ts'

/** The model exists already, and its newest commit is not the one that was to be made. */
export class OtherContent extends Error {
  override readonly name = 'OtherContent'
}

/** The title of the commit with which the Hub creates a repository. */
const firstTitle = /^initial commit$/i

/**
 * Makes a private model repository, if there is none, and commits files to it. A repository whose newest commit has the
 * title already is used as it is, so that this may be repeated after a lost answer.
 *
 * @param options.model `namespace/name`
 * @param options.title of the commit: the same for the same files
 * @returns the commit's sha
 * @throws OtherContent when the model has another newest commit; HttpError or NoAnswerError when the Hub does not
 *   accept it or gives no clear answer
 */
export async function commitCode(
  hub: Hub,
  options: {
    model: string
    files: readonly CodeFile[]
    title: string
    signal: AbortSignal
  },
): Promise<string> {
  const { model, files, title, signal } = options
  const newest = await newestModelCommit(hub, { model, signal })
  if (newest?.title === title) return newest.id
  if (newest !== null && !firstTitle.test(newest.title)) {
    throw new OtherContent(`${model} exists already, and its newest commit is not of this training`)
  }
  const repo = { type: 'model', name: model } as const
  if (newest === null) {
    await createRepo({ repo, private: true, ...hub.access(signal) }).catch(ifExists)
  }
  const operations = files.map(({ path, content }) => ({
    operation: 'addOrUpdate' as const,
    path,
    // A copy, because the client's type wants a buffer that is not shared.
    content: new Blob([Uint8Array.from(content)]),
  }))
  try {
    const made = await commit({ repo, title, operations, ...hub.access(signal) })
    if (made !== undefined) return made.commit.oid
  } catch (error) {
    const written = await newestModelCommit(hub, { model, signal }).catch(() => null)
    if (written?.title !== title) throw error
    return written.id
  }
  throw new Error(`The Hub made no commit in ${model}.`)
}

function ifExists(error: unknown): void {
  if (!(error instanceof HttpError) || error.status !== 409) throw error
}
