import { isDeepStrictEqual } from 'node:util'
import { findModel } from '../../../hub/models/models.ts'
import { MovedOn } from '../../../hub/models/publish/raw-commit.ts'
import { takeOverAfterMs } from '../../../ledger/decide.ts'
import type { Begun } from '../../../ledger/publications/publication-record.ts'
import type { PublishedModel } from '../../../publish/look.ts'
import type { Work } from '../../work.ts'
import type { MadeOf, Situation } from '../judge.ts'
import { madeOf } from '../made-of.ts'

/**
 * Files may have moved for hours since it was judged who can read what.
 *
 * @throws MovedOn where that is otherwise now: it is judged anew
 */
export async function assertUnchanged(
  work: Work,
  {
    begun,
    target,
    made,
  }: { begun: Begun; target: PublishedModel | null; made: Pick<Situation, 'dataset' | 'base'> },
): Promise<void> {
  const { hub, signal } = work.tools
  const [now, of] = await Promise.all([
    findModel(hub, { model: begun.to, signal }),
    madeOf(work, { revision: begun.from.revision }),
  ])
  // A model that this try has made is private.
  const visibility = target?.visibility ?? 'private'
  const isSame =
    (now === null || now.visibility === visibility) &&
    isDeepStrictEqual(
      [readersOf(of.dataset), readersOf(of.base)],
      [readersOf(made.dataset), readersOf(made.base)],
    )
  if (!isSame) throw new MovedOn('Who can read the model, or what it is made of, has changed meanwhile.')
}

function readersOf({ visibility, isGated }: MadeOf): unknown {
  return { visibility, isGated }
}

/** Bytes in a second that go through a slow runner. */
const slowBytesPerSecond = 1_000_000

/** No job lives longer on GitHub's runners. https://docs.github.com/en/actions/reference/limits */
const longestMs = 6 * 3_600_000

/** The same try, which nobody takes over while its files may be on their way. */
export function withTimeFor(bytes: number, begun: Begun, { tools }: Work): Begun {
  const needsMs = Math.min(longestMs, (bytes / slowBytesPerSecond) * 1000)
  return { ...begun, until: new Date(tools.clock.now() + takeOverAfterMs + needsMs).toISOString() }
}
