import { messageOf } from '../../../domain/error-message.ts'
import type { Gate } from '../../../domain/publication.ts'
import type { Visibility } from '../../../domain/visibility.ts'
import { MovedOn } from '../../../hub/models/publish/raw-commit.ts'
import type { Entry } from '../../../ledger/entry.ts'
import type { RecipeLedger } from '../../../ledger/ledger.ts'
import {
  maxTries,
  type PublicationLog,
  publishedBefore,
} from '../../../ledger/publications/publication-log.ts'
import type { Begun, Done } from '../../../ledger/publications/publication-record.ts'
import { lookAtModel, type PublishedModel } from '../../../publish/look.ts'
import { type Published, publishModel } from '../../../publish/publish-model.ts'
import { CannotPublish } from '../../../publish/refusals.ts'
import { mayQuote } from '../../log/quoting.ts'
import type { Work } from '../../work.ts'
import type { Situation } from '../judge.ts'
import { byUs, commitTitle, trailerOf } from '../names.ts'
import { judgeNow } from '../situation.ts'
import { cardWriter } from './card.ts'
import { findLanded, landedAfterAll } from './landed.ts'
import { tagRun } from './tag-published.ts'
import { assertUnchanged, withTimeFor } from './while-it-runs.ts'

/** How a try at a publication ended. */
export interface Carried {
  /** Null: it has no end yet, and a later check tries again. */
  readonly done: Done | null
  /** Why it has no end, or why it ended so. */
  readonly reason: string
  /** Of the stable model. */
  readonly visibility: Visibility
  readonly warnings: readonly string[]
}

/** A publication that this workflow run owns. */
interface Owned {
  readonly ledger: RecipeLedger
  readonly begun: Begun
  /** Of the run, for what it measured; null where the ledger does not have it any more. */
  readonly entry: Entry | null
}

/** Where a run's files are published. */
interface PublishedAt extends Pick<Done, 'tree' | 'parent' | 'reason'> {
  readonly commit: string
  readonly gate: Gate | null
  readonly visibility: Visibility
  /** What the stable model is called now. */
  readonly model: string
}

type Made = Pick<Situation, 'dataset' | 'base'>

/** What is said of a commit that an earlier try made. */
const earlier = { parent: null, gate: null, reason: 'An earlier try had published it.' }

/** How often another's commit in between is met before the try is given up. */
const maxMoves = 3

/** Another check took the publication over, or ended it, while this one was at work. */
class GoneToAnother extends Error {
  override readonly name = 'GoneToAnother'
}

/**
 * Carries out a publication that this workflow run owns: judges it, copies, tags and ends it. What failed may be tried
 * three times; then it is held. What the Hub refuses is held at once.
 *
 * @throws UnreadableRecord, Refused, HttpError or NoAnswerError when the ledger cannot be read or written
 */
export async function carryOut(work: Work, owned: Owned): Promise<Carried> {
  const seen: { visibility: Visibility } = { visibility: 'unknown' }
  for (let moves = 1; ; moves += 1) {
    try {
      return await tryOnce(work, owned, (visibility) => {
        seen.visibility = visibility
      })
    } catch (error) {
      work.tools.signal.throwIfAborted()
      if (!(error instanceof MovedOn) || moves === maxMoves) return failed(work, owned, { ...seen, error })
    }
  }
}

async function tryOnce(work: Work, owned: Owned, onSeen: (visibility: Visibility) => void): Promise<Carried> {
  const { ledger, begun } = owned
  const { hub, signal } = work.tools
  const log = await ledger.publications.readAgain()
  const target = await lookAtModel(hub, { model: begun.to, signal })
  const visibility = target?.visibility ?? 'private'
  onSeen(visibility)
  const landed = target === null ? null : await findLanded(work, begun, target)
  if (landed !== null) return published(work, owned, { ...landed, ...earlier, visibility })
  if (begun.tries > maxTries) return held(work, owned, { end: 'held', reason: interrupted, visibility })
  const judged = await judgeNow(work, { begun, log, target })
  const { judgement, gate } = judged
  const { reason } = judgement
  if (judgement.do !== 'publish') {
    const end = judgement.do === 'supersede' ? 'superseded' : 'held'
    return held(work, owned, { end, reason, gate, visibility })
  }
  const made = await publish(work, owned, { target, log, made: judged.made })
  const parent = made.isNew ? (target?.head ?? null) : null
  const { commit, tree } = made
  return published(work, owned, { commit, tree, parent, gate, reason, visibility, model: begun.to })
}

async function publish(
  work: Work,
  { ledger, begun, entry }: Owned,
  options: { target: PublishedModel | null; log: PublicationLog; made: Made },
): Promise<Published> {
  const { target, log, made } = options
  const { hub, signal, workflow } = work.tools
  const { from, to, n } = begun
  const order = {
    from: { model: from.model, commit: from.commit ?? '' },
    to,
    parent: target?.head ?? null,
    title: commitTitle(begun),
    description: trailerOf(begun, workflow.ledger),
    includesCode: work.recipe.publishCode,
    card: await cardWriter(work, {
      ...{ begun, made },
      visibility: target?.visibility ?? 'private',
      replaced: publishedBefore(log, to, n),
      discussionUrl: entry?.record.discussionUrl ?? null,
      startedFrom: entry?.record.startedFrom ?? null,
    }),
    beforeCommit: async () => {
      if (!(await ledger.publications.isOurs(begun))) throw new GoneToAnother('Another check publishes it.')
      await assertUnchanged(work, { begun, target, made })
    },
  }
  const onStream = (bytes: number) => ledger.publications.renew(withTimeFor(bytes, begun, work))
  return publishModel(hub, order, { signal, log: work.log.info, onStream })
}

async function published(work: Work, { ledger, begun }: Owned, options: PublishedAt): Promise<Carried> {
  const { gate, visibility, model, ...end } = options
  const { tag, warnings } = begun.byHand
    ? { tag: null, warnings: [] }
    : await tagRun(work, { begun, model, commit: end.commit })
  const done = await ledger.publications.end({
    ...endOf(work, begun),
    ...end,
    end: 'published',
    gate: gate && { ...gate },
    tag,
  })
  return { done, reason: done.reason, visibility, warnings }
}

async function held(
  work: Work,
  { ledger, begun }: Owned,
  options: Pick<Done, 'end' | 'reason'> & { gate?: Gate | null; visibility: Visibility },
): Promise<Carried> {
  const { end, reason, gate = null, visibility } = options
  const done = await ledger.publications.end({
    ...endOf(work, begun),
    ...{ commit: null, parent: null, tag: null, tree: null },
    ...{ end, reason },
    gate: gate && { ...gate },
  })
  return { done, reason: done.reason, visibility, warnings: [] }
}

/** A try that failed: a later check tries again, and after the last one the publication is held. */
async function failed(
  work: Work,
  owned: Owned,
  { error, visibility }: { error: unknown; visibility: Visibility },
): Promise<Carried> {
  const { begun } = owned
  const message = messageOf(error)
  work.log.warning(`The model could not be published: ${message}`)
  const said = mayQuote(work) ? message : 'The workflow run has the reason.'
  // Another try would end the same way.
  if (error instanceof CannotPublish) return held(work, owned, { end: 'held', reason: said, visibility })
  const isLast = begun.tries >= maxTries && !(error instanceof GoneToAnother)
  const landed = isLast ? await landedAfterAll(work, begun) : null
  if (landed !== null) return published(work, owned, { ...landed, ...earlier, visibility })
  if (isLast) {
    const reason = `${maxTries} tries failed, the last one so: ${said}`
    return held(work, owned, { end: 'held', reason, visibility })
  }
  return { done: null, reason: `It did not work this time: ${said}`, visibility, warnings: [] }
}

const interrupted = `It was begun ${maxTries} times, and none of them came to its end.`

function endOf(work: Work, { recipe, n }: Begun): Pick<Done, 'version' | 'recipe' | 'n' | 'workflow' | 'at'> {
  return { version: 1, recipe, n, ...byUs(work) }
}
