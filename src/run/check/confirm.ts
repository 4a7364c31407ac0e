import type { Recipe } from '../../domain/recipe.ts'
import { branchName, shortRevision } from '../../domain/revision.ts'
import { Refused, Skipped } from '../../domain/verdict.ts'
import { HttpError } from '../../http/errors.ts'
import { type DatasetAt, findDataset } from '../../hub/datasets.ts'
import type { Hub } from '../../hub/hub.ts'

/** Which revision is asked for. */
export type Wanted =
  /** The head of the branch, whatever it is. */
  | { readonly kind: 'head' }
  /** What an event named: counts only while it is head. */
  | { readonly kind: 'event'; readonly revision: string }
  /** What a person asked for: never superseded. */
  | { readonly kind: 'explicit'; readonly revision: string }

/** A dataset at the revision to train on. */
export interface Confirmed extends DatasetAt {
  /** Whether the revision is the head of the watched branch. */
  readonly isHead: boolean
}

/**
 * Looks up the head of the watched branch.
 *
 * @throws Refused when the dataset or the branch does not exist, or the token may not read it
 */
export async function findHead(
  hub: Hub,
  { recipe, signal }: { recipe: Recipe; signal: AbortSignal },
): Promise<DatasetAt> {
  const branch = branchName(recipe.ref)
  const head = await findDataset(hub, { dataset: recipe.inputDataset, revision: branch, signal })
  if (head === null) {
    throw new Refused(`ref: the dataset has no branch ${branch}; set it to a branch that exists.`)
  }
  return head
}

/**
 * Confirms a revision at the Hub before anything is spent: an event is only a hint, the branch is the truth.
 *
 * @throws Skipped when a newer commit took its place; Refused when the Hub does not know it
 */
export async function confirmRevision(options: {
  hub: Hub
  recipe: Recipe
  wanted: Wanted
  head: DatasetAt
  signal: AbortSignal
  /** Continues the sentence about a commit that a newer one superseded. */
  next?: string
}): Promise<Confirmed> {
  const { hub, recipe, wanted, head, signal, next = 'the newer commit has its own event' } = options
  const dataset = recipe.inputDataset
  if (wanted.kind === 'head' || wanted.revision === head.revision) return { ...head, isHead: true }
  const at = await findDataset(hub, { dataset, revision: wanted.revision, signal }).catch(nullIfUnknown)
  if (at === null) throw new Refused(unknownRevision(wanted))
  if (at.revision === head.revision) return { ...head, isHead: true }
  if (wanted.kind === 'event') {
    throw new Skipped(
      `Superseded by ${shortRevision(head.revision)}: ${shortRevision(at.revision)} is no longer the head of ` +
        `${branchName(recipe.ref)}; ${next}.`,
    )
  }
  return { ...at, isHead: false }
}

function unknownRevision(wanted: Exclude<Wanted, { kind: 'head' }>): string {
  if (wanted.kind === 'explicit') {
    const isShort = /^[\da-f]{4,39}$/i.test(wanted.revision)
    const advice = isShort
      ? 'give the full commit sha, or check the input revision'
      : 'check the input revision'
    return `The dataset has no revision ${wanted.revision}: ${advice}.`
  }
  return (
    `The dataset has no revision ${wanted.revision}: it was force-pushed away, or the event is forged. ` +
    'Nothing was started.'
  )
}

/**
 * The Hub need not say by `X-Error-Code` what is missing. The dataset was there a moment ago, so that a 404 without a
 * code is about the revision.
 */
function nullIfUnknown(error: unknown): null {
  const cause = error instanceof Refused ? error.cause : null
  if (cause instanceof HttpError && cause.status === 404 && cause.code === null) return null
  throw error
}
