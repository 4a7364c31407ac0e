import type { Visibility } from '../domain/visibility.ts'
import type { Hub } from '../hub/hub.ts'
import { recentModelCommits, type WholeCommit } from '../hub/models/commits.ts'
import { findModel } from '../hub/models/models.ts'
import { listModelVersion } from '../hub/models/publish/version.ts'
import { treeDigest } from './published-files.ts'

/** How far back commits of others are seen. */
const seenCommits = 100

/** A published model as it is now. */
export interface PublishedModel {
  /** `namespace/name`, as it is today: a rename redirects. */
  readonly name: string
  /** The newest commit of main. */
  readonly head: string
  readonly visibility: Visibility
  /** Null where the Hub does not say. */
  readonly isGated: boolean | null
  /** The newest first, up to 100. */
  readonly commits: readonly WholeCommit[]
  /** {@link treeDigest} of its files at the head. */
  readonly tree: string
}

/**
 * Looks at the stable model, for the judgement about what may be published there.
 *
 * @param options.model `namespace/name`
 * @returns null when there is none that the token may see
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function lookAtModel(
  hub: Hub,
  { model, signal }: { model: string; signal?: AbortSignal | undefined },
): Promise<PublishedModel | null> {
  const found = await findModel(hub, { model, signal })
  if (found === null) return null
  const { name, visibility, isGated } = found
  // The commits decide what the head is: a model that changes meanwhile is not seen half before and half after.
  const commits = await recentModelCommits(hub, { model: name, limit: seenCommits, signal })
  const head = commits[0]?.id
  if (head === undefined) throw new Error(`The Hub does not say at which commit ${model} is.`)
  const files = await listModelVersion(hub, { model: name, revision: head, signal })
  return { name, head, visibility, isGated, commits, tree: treeDigest(files) }
}
