import type { Recipe } from '../domain/recipe.ts'
import { shortRevision } from '../domain/revision.ts'
import { Refused, Skipped } from '../domain/verdict.ts'
import { HttpError } from '../http/errors.ts'
import { type DatasetAt, findDataset } from '../hub/datasets.ts'
import type { Hub } from '../hub/hub.ts'

/** Which revision somebody wants a training on. */
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
 * Asks the Hub about a revision before anything is spent: an event is only a hint, the branch is the truth.
 *
 * @throws Skipped when a newer commit took its place; Refused when the Hub does not know it
 */
export async function confirmRevision(options: {
  hub: Hub
  recipe: Recipe
  wanted: Wanted
  signal: AbortSignal
}): Promise<Confirmed> {
  const { hub, recipe, wanted, signal } = options
  const find = (revision: string) => findDataset(hub, { dataset: recipe.inputDataset, revision, signal })
  const branch = recipe.ref.replace(/^refs\/heads\//, '')
  const head = await find(branch)
  if (head === null) throw new Refused(`ref: the dataset has no branch ${branch}; name one that it has.`)
  if (wanted.kind === 'head' || wanted.revision === head.revision) return { ...head, isHead: true }
  const at = await find(wanted.revision).catch(nullIfUnknown)
  if (at === null) {
    throw new Refused(
      `The Hub does not know the revision ${wanted.revision} of the dataset: ` +
        'it was taken back, or the event is forged; nothing was started.',
    )
  }
  if (at.revision === head.revision) return { ...head, isHead: true }
  if (wanted.kind === 'event') {
    throw new Skipped(
      `Superseded by ${shortRevision(head.revision)}: ${shortRevision(at.revision)} is no longer the head of ` +
        `${branch}; the newer commit has an event of its own.`,
    )
  }
  return { ...at, isHead: false }
}

/**
 * The Hub need not say by `X-Error-Code` what is missing. The dataset was there a moment ago, so that a 404 without
 * a word is about the revision.
 */
function nullIfUnknown(error: unknown): null {
  const cause = error instanceof Refused ? error.cause : null
  if (cause instanceof HttpError && cause.status === 404 && cause.code === null) return null
  throw error
}
