import type { PublishedRun } from '../../domain/publication.ts'
import type { Visibility } from '../../domain/visibility.ts'
import type { Begun } from '../../ledger/publications/publication-record.ts'
import type { Work } from '../work.ts'

/** Writes the card of the stable model. */
export function cardWriter(
  _work: Work,
  _facts: { begun: Begun; visibility: Visibility; replaced: PublishedRun | null },
): (texts: { published: string; run: string }) => string {
  return ({ published, run }) => published || run
}
