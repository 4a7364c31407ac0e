import type { Outcome } from '../../domain/outcome.ts'
import { mayName, type Visibility } from '../../domain/visibility.ts'

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
  if (publication === null || mayName({ place, thing: publication.visibility })) return outcome
  return { ...outcome, publication: { ...publication, model: '' } }
}
