import { judgeGate } from '../../domain/metrics/gate.ts'
import type { Gate } from '../../domain/publication.ts'
import { mayName } from '../../domain/visibility.ts'
import { listModelVersion } from '../../hub/models/publish/version.ts'
import {
  newestClaim,
  newestPublished,
  type PublicationLog,
} from '../../ledger/publications/publication-log.ts'
import type { Begun } from '../../ledger/publications/publication-record.ts'
import type { PublishedModel } from '../../publish/look.ts'
import { treeDigest } from '../../publish/published-files.ts'
import type { Work } from '../work.ts'
import { type Judgement, judge, obstacleOf, type Situation } from './judge.ts'
import { madeOf } from './made-of.ts'
import { hasTrailer, trailerOfRecipe } from './names.ts'

/**
 * Judges a publication by what the ledger and the Hub say now.
 *
 * @param options.target the stable model; null: the Hub shows none
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function judgeNow(
  work: Work,
  options: { begun: Begun; log: PublicationLog; target: PublishedModel | null },
): Promise<{ judgement: Judgement; gate: Gate | null; made: Pick<Situation, 'dataset' | 'base'> }> {
  const { begun, log, target } = options
  const compared = compareNow(work, { begun, log })
  const { to, byHand, from, recipe } = begun
  const seen = await seenNow(work, { to, recipe, log, target, revision: from.revision })
  const judgement = judge({
    recipe: work.recipe,
    ...{ to, byHand },
    claimedAt: Date.parse(from.claimed),
    newestClaim: newestClaim(log, to),
    isRunThere: from.commit !== null,
    ...seen,
    gate: compared,
  })
  return { judgement, gate: compared?.gate ?? null, made: seen }
}

/**
 * What would hold a publication now, whatever a run measures; null: nothing.
 *
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function obstacleTo(
  work: Work,
  options: { to: string; target: PublishedModel | null; revision: string },
): Promise<string | null> {
  const { known, recipe } = work
  if (known.ledger === null) return null
  const log = await known.ledger.publications.read()
  const seen = await seenNow(work, { ...options, recipe: known.ledger.key, log })
  return obstacleOf({ recipe, to: options.to, isRunThere: true, ...seen })
}

async function seenNow(
  work: Work,
  options: {
    to: string
    /** The recipe's key. */
    recipe: string
    log: PublicationLog
    target: PublishedModel | null
    revision: string
  },
) {
  const { to, log, target, revision } = options
  const [foreign, made] = await Promise.all([
    target === null ? null : foreignCommit(work, { ...options, target }),
    madeOf(work, { revision }),
  ])
  return {
    ...made,
    wasPublished: newestPublished(log, to) !== null,
    target: target === null ? null : { ...target, foreign, mayBeNamed: mayNameIn(work, target) },
  }
}

/** A model that was renamed has a name that the workflow does not have. */
function mayNameIn({ tools }: Work, { visibility: thing }: PublishedModel): boolean {
  return mayName({ place: tools.report.repositoryVisibility, thing })
}

/** What the gate says; null: nothing is compared, or a person asks. */
function compareNow({ recipe }: Work, { begun, log }: { begun: Begun; log: PublicationLog }) {
  const { compareMetric, minImprovement } = recipe
  if (compareMetric === null || begun.byHand) return null
  const now = newestPublished(log, begun.to)
  const { metrics, unmeasured, publishedThen } = begun.from
  return judgeGate({
    ...{ compareMetric, minImprovement },
    run: { metrics, unmeasured },
    published: now === null ? null : now.begun.from,
    measuredSame: publishedThen != null && publishedThen === now?.done?.commit,
  })
}

/**
 * The head of the stable model, where files changed that this recipe did not publish; null where none did. Ours are
 * known by the ledger, which has a digest of the files, and then by the trailer of the commit.
 */
async function foreignCommit(
  { tools }: Work,
  options: { to: string; recipe: string; log: PublicationLog; target: PublishedModel },
): Promise<string | null> {
  const { to, recipe, log, target } = options
  const { head, tree, commits } = target
  const isOurs = newestPublished(log, to)?.done?.tree === tree
  if (isOurs || tree === treeDigest([])) return null
  const trailer = trailerOfRecipe(recipe, tools.workflow.ledger)
  const own = commits.find((commit) => hasTrailer(commit, trailer))
  if (own === undefined) return head
  if (own.id === head) return null
  const { hub, signal } = tools
  const files = await listModelVersion(hub, { model: to, revision: own.id, signal })
  return treeDigest(files) === tree ? null : head
}
