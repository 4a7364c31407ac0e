import { listModelVersion, type ModelVersionFile } from '../../../hub/models/publish/version.ts'
import { isHidden } from '../../../hub/refusals.ts'
import type { Begun } from '../../../ledger/publications/publication-record.ts'
import { lookAtModel, type PublishedModel } from '../../../publish/look.ts'
import { isPublished, treeDigest } from '../../../publish/published-files.ts'
import type { Work } from '../../work.ts'
import { hasTrailer, trailerOf } from '../names.ts'

/** A commit that an earlier try at a publication made. */
export interface Landed {
  readonly commit: string
  /** The digest of its files. */
  readonly tree: string
  /** What the stable model is called now. */
  readonly model: string
}

/**
 * The commit of an earlier try, whose end was not recorded; null: there is none. One that does not have the files of the
 * run counts as none.
 *
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function findLanded(
  work: Work,
  begun: Begun,
  { name, commits }: PublishedModel,
): Promise<Landed | null> {
  const { hub, signal, workflow } = work.tools
  const trailer = trailerOf(begun, workflow.ledger)
  const commit = commits.find((one) => hasTrailer(one, trailer))
  if (commit === undefined) return null
  const [files, own] = await Promise.all([
    listModelVersion(hub, { model: name, revision: commit.id, signal }),
    filesOf(work, begun),
  ])
  const tree = treeDigest(files)
  if (own !== null && tree !== treeDigest(own)) return null
  return { commit: commit.id, tree, model: name }
}

/** What is published of the run; null where its model is gone since. */
async function filesOf({ recipe, tools }: Work, { from }: Begun): Promise<ModelVersionFile[] | null> {
  const { hub, signal } = tools
  if (from.commit === null) return null
  try {
    const files = await listModelVersion(hub, { model: from.model, revision: from.commit, signal })
    return files.filter(({ path }) => isPublished(path, { includesCode: recipe.publishCode }))
  } catch (error) {
    if (isHidden(error)) return null
    throw error
  }
}

/** What the last try sent may have arrived, although its answer says otherwise. */
export async function landedAfterAll(work: Work, begun: Begun): Promise<Landed | null> {
  const { hub, signal } = work.tools
  try {
    const target = await lookAtModel(hub, { model: begun.to, signal })
    return target === null ? null : await findLanded(work, begun, target)
  } catch {
    signal.throwIfAborted()
    return null
  }
}
