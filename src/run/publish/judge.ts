import type { Gate } from '../../domain/publication.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { shortRevision } from '../../domain/revision.ts'
import { isSameName } from '../../domain/text/hub-name.ts'
import type { Visibility } from '../../domain/visibility.ts'

/** What a publication is judged by. */
export interface Situation {
  readonly recipe: Pick<Recipe, 'publishTo' | 'publishPublic' | 'publishOver'>
  /** The stable model that the training was claimed with, or that a person publishes to now: `namespace/name`. */
  readonly to: string
  readonly byHand: boolean
  /** When the run was claimed, and when the newest run that was ever published was; milliseconds since the epoch. */
  readonly claimedAt: number
  readonly newestClaim: number | null
  /** Whether the run's own model is there at the commit that would be published. */
  readonly isRunThere: boolean
  /** Whether something was published under the name before. */
  readonly wasPublished: boolean
  /** The stable model as the Hub shows it; null: it does not. */
  readonly target: {
    /** Its name today. */
    readonly name: string
    /** Whether the workflow's repository may name it, if that is another one. */
    readonly mayBeNamed: boolean
    readonly visibility: Visibility
    /** The newest commit that this recipe did not make, where there is one that counts. */
    readonly foreign: string | null
  } | null
  /** What the model is made of: a gated or unknown one counts as private. */
  readonly dataset: MadeOf
  readonly base: MadeOf
  /** What the gate found; null: nothing is compared. */
  readonly gate: { readonly gate: Gate; readonly improved: boolean | null; readonly why: string } | null
}

/** Who can read what a model is made of. */
export interface MadeOf {
  readonly visibility: Visibility
  /** Whether its files are only for accounts that accepted its conditions; null: not known. */
  readonly isGated: boolean | null
}

/** What is to be done about a publication. */
export type Judgement =
  | { readonly do: 'publish'; readonly reason: string }
  | { readonly do: 'hold' | 'supersede'; readonly reason: string }

/** Decides about a publication: docs/publish.md has the rules in this order. */
export function judge(situation: Situation): Judgement {
  const { byHand, claimedAt, newestClaim, gate } = situation
  if (!byHand && newestClaim !== null && claimedAt < newestClaim) {
    return {
      do: 'supersede',
      reason: 'A training that was claimed later was published before, so this one is not.',
    }
  }
  const obstacle = obstacleOf(situation)
  if (obstacle !== null) return { do: 'hold', reason: obstacle }
  if (byHand) return { do: 'publish', reason: 'A person asked for it.' }
  if (gate === null) return { do: 'publish', reason: 'Nothing is compared: each success is published.' }
  return { do: gate.improved === false ? 'hold' : 'publish', reason: gate.why }
}

/** What stands in the way, whatever the metrics say; null: nothing. */
export function obstacleOf(
  situation: Pick<Situation, 'recipe' | 'to' | 'isRunThere' | 'wasPublished' | 'target' | 'dataset' | 'base'>,
): string | null {
  const { recipe, to, target, isRunThere, wasPublished } = situation
  if (!isSameName(recipe.publishTo ?? '', to)) {
    return recipe.publishTo === null
      ? `publish-to is not set any more; it was ${to} when this training was claimed.`
      : `publish-to is ${recipe.publishTo} now, and was ${to} when this training was claimed.`
  }
  if (!isRunThere) return "The run's own model is gone, or hidden from hf-token."
  if (target === null) {
    if (!wasPublished) return null
    return (
      'The model was published before, and is gone or hidden from hf-token: give hf-token access to it, or set another ' +
      'publish-to. Nothing was made in its place.'
    )
  }
  if (!isSameName(target.name, to)) {
    return target.mayBeNamed
      ? `${to} is called ${target.name} now: set publish-to to that name.`
      : `publish-to was renamed, and is private: open it on the Hub, and set publish-to to its new name.`
  }
  const unseen = privatePart(situation)
  if (target.visibility !== 'private' && !recipe.publishPublic && unseen !== null) {
    return `publish-to ${isPublic(target.visibility)}, and ${unseen}: make that model private, or set publish-public: true.`
  }
  if (target.foreign !== null && !recipe.publishOver) {
    return (
      `publish-to has a commit that this recipe did not make (${shortRevision(target.foreign)}): set publish-over: true to ` +
      'publish over it.'
    )
  }
  return null
}

function isPublic(visibility: Visibility): string {
  return visibility === 'public' ? 'is public' : 'may be public'
}

/** Which part of the model is not for everyone; null: all of it is. */
function privatePart({ dataset, base }: Pick<Situation, 'dataset' | 'base'>): string | null {
  const parts = [
    ['the dataset', dataset],
    ['the base model', base],
  ] as const
  for (const [name, { visibility, isGated }] of parts) {
    if (visibility === 'private') return `${name} is private`
    if (visibility === 'unknown') return `${name} is not known to be public`
    if (isGated !== false) return `${name} is ${isGated ? 'gated' : 'not known to be open to everyone'}`
  }
  return null
}
