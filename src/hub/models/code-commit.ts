import { commit, createRepo } from '@huggingface/hub'
import type { CodeFile } from '../../domain/plan/code.ts'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'
import { type ModelCommit, newestModelCommit } from './commits.ts'
import { findModel } from './models.ts'
import { hasSameFiles } from './same-files.ts'

/** The model exists already, and is not the one that this training made. */
export class OtherContent extends Error {
  override readonly name = 'OtherContent'
}

/** The title of the commit with which the Hub creates a repository. */
const firstTitle = /^initial commit$/i

/** What is committed, and where. */
interface CodeCommit {
  /** `namespace/name`. */
  readonly model: string
  /** The folder that all files are in: a name without a slash. */
  readonly folder: string
  readonly files: readonly CodeFile[]
  /** The same for the same files. */
  readonly title: string
  readonly signal: AbortSignal
}

/**
 * Makes a private model repository, if there is none, and commits files to it. A private repository whose newest commit
 * has the title and the files already is used as it is, so that this may be repeated after a lost answer.
 *
 * @returns the commit's sha
 * @throws OtherContent when the model has another newest commit, other files or is not private; HttpError or
 *   NoAnswerError when the Hub does not accept it or gives no clear answer
 */
export async function commitCode(hub: Hub, options: CodeCommit): Promise<string> {
  const { model, files, title, signal } = options
  const repo = { type: 'model', name: model } as const
  const newest = (await newestModelCommit(hub, { model, signal })) ?? (await createModel(hub, options))
  if (newest !== null) {
    if (newest.title !== title && !firstTitle.test(newest.title)) {
      throw new OtherContent(`${model} exists already, and its newest commit is not of this training`)
    }
    await assertPrivate(hub, options)
    if (newest.title === title) return await checked(hub, newest, options)
  }
  const operations = files.map(({ path, content }) => ({
    operation: 'addOrUpdate' as const,
    path,
    // A copy, because the client's type wants a buffer that is not shared.
    content: new Blob([Uint8Array.from(content)]),
  }))
  // What came after the commit that was seen is not written over.
  const parent = newest === null ? {} : { parentCommit: newest.id }
  try {
    const made = await commit({ repo, title, operations, ...parent, ...hub.access(signal) })
    if (made !== undefined) return made.commit.oid
  } catch (error) {
    const written = await newestModelCommit(hub, { model, signal }).catch(() => null)
    if (written?.title !== title) throw error
    return await checked(hub, written, options)
  }
  throw new Error(`The Hub made no commit in ${model}.`)
}

/**
 * Whether a model is what {@link commitCode} left: private, with these files in its newest commit. A title alone proves
 * nothing: every member of an organisation could write it above other code.
 *
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function isCodeCommitted(hub: Hub, options: CodeCommit): Promise<boolean> {
  const { model, title, signal } = options
  const newest = await newestModelCommit(hub, { model, signal })
  if (newest?.title !== title) return false
  if ((await findModel(hub, { model, signal }))?.visibility !== 'private') return false
  return hasSameFiles(hub, { ...options, revision: newest.id })
}

/** Makes the repository. Null when it is new; else its newest commit, where there was one or the answer was lost. */
async function createModel(hub: Hub, { model, signal }: CodeCommit): Promise<ModelCommit | null> {
  try {
    await createRepo({ repo: { type: 'model', name: model }, private: true, ...hub.access(signal) })
    return null
  } catch (error) {
    const isRefused = error instanceof HttpError && error.status < 500 && error.status !== 409
    const found = isRefused ? null : await newestModelCommit(hub, { model, signal })
    if (found === null) throw error
    return found
  }
}

/** Code of a private repository must not be shown to everyone. */
async function assertPrivate(hub: Hub, { model, signal }: CodeCommit): Promise<void> {
  const visibility = (await findModel(hub, { model, signal }))?.visibility
  if (visibility !== 'private') throw new OtherContent(`${model} exists already, and is not private`)
}

async function checked(hub: Hub, { id }: ModelCommit, options: CodeCommit): Promise<string> {
  if (await hasSameFiles(hub, { ...options, revision: id })) return id
  throw new OtherContent(`${options.model} exists already, and its code is not that of this training`)
}
