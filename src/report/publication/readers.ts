import type { Outcome } from '../../domain/outcome.ts'
import { isSameName } from '../../domain/text/hub-name.ts'
import { mayName, namedIn, type Visibility } from '../../domain/visibility.ts'

/**
 * Leaves out the name of the published model where the readers of a place may not know it: the texts then say "the
 * published model".
 *
 * @param options.place who can read the text
 */
export function withNameableModel<T extends Pick<Outcome, 'publication'>>(
  outcome: T,
  { place }: { place: Visibility },
): T {
  const { publication } = outcome
  const isNamed = publication === null || mayName({ place, thing: publication.visibility })
  return isNamed ? outcome : withoutName(outcome)
}

/**
 * The same for the workflow's own repository, whose workflow says where it publishes: only the name of a dataset or a base
 * model that it may not know is left out, where the published model has the same.
 *
 * @param options.place who can read the repository
 */
export function withWorkflowModel<T extends Named>(outcome: T, { place }: { place: Visibility }): T {
  const { publication } = outcome
  if (publication === null) return outcome
  const isHidden = namedIn(outcome).some(
    ({ name, visibility: thing }) => isSameName(name, publication.model) && !mayName({ place, thing }),
  )
  return isHidden ? withoutName(outcome) : outcome
}

function withoutName<T extends Pick<Outcome, 'publication'>>(outcome: T): T {
  const { publication } = outcome
  return { ...outcome, publication: publication && { ...publication, model: '' } }
}

type Named = Pick<Outcome, 'publication' | 'recipe' | 'datasetVisibility' | 'baseVisibility'>
