import type { Recipe } from '../domain/recipe.ts'
import { shortRevision } from '../domain/revision.ts'
import { Refused, Skipped } from '../domain/verdict.ts'
import { HttpError } from '../http/errors.ts'
import { type DatasetAt, findDataset } from '../hub/datasets.ts'
import type { Hub } from '../hub/hub.ts'

/** Which revision of the dataset to train on. */
export type TargetRevision =
  /** The current head of the branch. */
  | { readonly kind: 'head' }
  /** The revision of an event: superseded by a newer head. */
  | { readonly kind: 'event'; readonly revision: string }
  /** The `revision` input: never superseded. */
  | { readonly kind: 'explicit'; readonly revision: string }

/** A dataset at the revision to train on. */
export interface Confirmed extends DatasetAt {
  /** Whether the revision is the head of the watched branch. */
  readonly isHead: boolean
}

/**
 * Looks a revision up on the Hub before anything is spent: an event is only a hint, the branch is the truth.
 *
 * @throws Skipped when a newer commit is the head; Refused when the Hub does not have the revision
 */
export async function confirmRevision(options: {
  hub: Hub
  recipe: Recipe
  target: TargetRevision
  signal: AbortSignal
}): Promise<Confirmed> {
  const { hub, recipe, target, signal } = options
  const find = (revision: string) => findDataset(hub, { dataset: recipe.inputDataset, revision, signal })
  const branch = recipe.ref.replace(/^refs\/heads\//, '')
  const head = await find(branch)
  if (head === null) {
    throw new Refused(`ref: the dataset has no branch ${branch}; set it to a branch that exists.`)
  }
  if (target.kind === 'head' || target.revision === head.revision) return { ...head, isHead: true }
  const found = await find(target.revision).catch(nullIfMissing)
  if (found === null) throw new Refused(missingMessage(target))
  if (found.revision === head.revision) return { ...head, isHead: true }
  if (target.kind === 'event') {
    throw new Skipped(
      `Superseded by ${shortRevision(head.revision)}: ${shortRevision(found.revision)} is no longer the head of ` +
        `${branch}; the newer commit has an event of its own.`,
    )
  }
  return { ...found, isHead: false }
}

function missingMessage({ kind, revision }: Exclude<TargetRevision, { kind: 'head' }>): string {
  return kind === 'explicit'
    ? `revision: the dataset has no revision ${revision}; set it to a commit, branch or tag that exists.`
    : `The dataset has no revision ${revision}: it was removed by a force push, or the event is forged. ` +
        'Nothing was started.'
}

/**
 * The Hub does not always name what is missing in `X-Error-Code`. The dataset was there a moment ago, so a 404 without
 * a code is about the revision.
 */
function nullIfMissing(error: unknown): null {
  const cause = error instanceof Refused ? error.cause : null
  if (cause instanceof HttpError && cause.status === 404 && cause.code === null) return null
  throw error
}
