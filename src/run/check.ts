import type { Change } from '../domain/change.ts'
import { isSameData } from '../domain/data.ts'
import { Skipped } from '../domain/verdict.ts'
import type { DatasetAt } from '../hub/datasets.ts'
import { findModel } from '../hub/models/models.ts'
import { automaticBound, type Decision, decide, isRerunOf } from '../ledger/decide.ts'
import type { Entry } from '../ledger/entry.ts'
import { basesOf, toPastRun } from '../ledger/history.ts'
import type { RecipeLedger } from '../ledger/ledger.ts'
import { hasEnded, linkOf } from '../ledger/record.ts'
import { irrelevantChangeReason } from '../report/irrelevant-change.ts'
import { closeOpenRecords } from './close.ts'
import { type Confirmed, confirmRevision, findHead } from './confirm.ts'
import { changeSince, compareWith, type RevisionData, readData } from './data.ts'
import { readWanted } from './wanted.ts'
import { ledgerKeys, mayNameDataset, underName, type Work } from './work.ts'

/** How many past runs the reports show. */
const historyLength = 10

/** A revision that is worth a run, or has one that is ours to follow or to report. */
export interface Checked {
  readonly work: Work
  readonly ledger: RecipeLedger
  readonly confirmed: Confirmed
  readonly next:
    | {
        readonly do: 'claim'
        readonly attempt: number
        readonly data: RevisionData
        /** The claim that is taken over, whose run is looked for first. */
        readonly abandoned: Entry | null
        /** The attempt that the data was compared with. */
        readonly base: Entry | null
      }
    | { readonly do: 'attach' | 'report'; readonly entry: Entry }
}

/**
 * Finds out whether a revision is to be trained, before anything is spent: what the Hub's branch holds, and what the
 * ledger knows.
 *
 * @throws Skipped when there is rightly nothing to do; Refused when the configuration needs a fix
 */
export async function checkForWork(given: Work): Promise<Checked> {
  const { steps, tools } = given
  const { head, ledger } = await steps.run('Check the dataset and the ledger', () => readWorld(given))
  const work = head.name === given.recipe.inputDataset ? given : renamed(given, head)
  const own = await ownRerun(work, ledger)
  if (own !== null) return own
  const wanted = readWanted(work, head)
  const { hub, signal } = tools
  const confirmed = await steps.run('Confirm the revision', () =>
    confirmRevision({ hub, recipe: work.recipe, wanted, head, signal }),
  )
  work.facts.revision = confirmed.revision
  work.facts.datasetVisibility = confirmed.visibility
  const known = work.known
  known.confirmed = confirmed
  const next = await steps.run('Decide by the ledger', () => decideNext(work, { ledger, confirmed }))
  return { work, ledger, confirmed, next }
}

async function readWorld(work: Work): Promise<{ head: DatasetAt; ledger: RecipeLedger }> {
  const { tools, recipe, facts } = work
  const { hub, signal } = tools
  const keys = await ledgerKeys(work)
  const [head, ledger, base] = await Promise.all([
    findHead(hub, { recipe, signal }),
    tools.ledger.recipe(keys),
    findModel(hub, { model: recipe.inputModel, signal }).catch(() => null),
  ])
  facts.datasetVisibility = head.visibility
  facts.baseVisibility = base?.visibility ?? 'unknown'
  work.known.baseModel = base?.head ?? null
  const before =
    ledger.isEmpty && head.id !== null && !work.request.dryRun
      ? await tools.ledger.beforeRename(keys, head.id)
      : null
  if (before !== null) {
    work.log.notice('The dataset was renamed: the ledger goes on under the key that it had before.')
  }
  work.known.ledger = before ?? ledger
  return { head, ledger: before ?? ledger }
}

/** The Hub redirects from the old name; events carry the new one. */
function renamed(work: Work, head: DatasetAt): Work {
  const now = underName(work, head.name)
  work.log.warning(
    mayNameDataset(work)
      ? `The dataset ${work.recipe.inputDataset} is called ${head.name} now: set input-dataset to that name.`
      : 'The dataset was renamed: set input-dataset to its new name.',
  )
  return now
}

/** "Re-run jobs" asks the ledger before the head: what this workflow run trained is followed or reported. */
async function ownRerun(work: Work, ledger: RecipeLedger): Promise<Checked | null> {
  const { workflow } = work.tools
  if (workflow.runAttempt === 1 || work.request.dryRun || ledger.isEmpty) return null
  const entry = (await ledger.recent()).find(({ record }) => isRerunOf({ last: record, workflow }))
  if (entry === undefined) return null
  const { record } = entry
  const isOurs = record.state !== 'failed' && record.state !== 'cancelled' && record.state !== 'claimed'
  if (!isOurs) return null
  const { facts, recipe } = work
  facts.revision = record.revision
  await readHistory(work, ledger)
  const confirmed: Confirmed = {
    revision: record.revision,
    visibility: facts.datasetVisibility,
    id: record.dataset?.id ?? null,
    name: recipe.inputDataset,
    isHead: false,
  }
  const closed = await closeOpenRecords(work, ledger, [entry])
  const current = closed.get(entry.ref) ?? entry
  return {
    work,
    ledger,
    confirmed,
    next: { do: hasEnded(current.record) ? 'report' : 'attach', entry: current },
  }
}

async function decideNext(
  work: Work,
  { ledger, confirmed }: { ledger: RecipeLedger; confirmed: Confirmed },
): Promise<Checked['next']> {
  const { request, known } = work
  if (!ledger.isSeenKnown) await ledger.prepare(confirmed.revision)
  await trustSeen(work, { ledger, confirmed })
  if (ledger.isSeenKnown) await ledger.prepare(confirmed.revision)
  const found = await ledger.recent()
  const open = found.filter(({ record }) => !hasEnded(record))
  known.open = open
  const closed = request.dryRun ? new Map<string, Entry>() : await closeOpenRecords(work, ledger, open)
  const recent = found.map((entry) => closed.get(entry.ref) ?? entry)
  known.open = recent.filter(({ record }) => !hasEnded(record))
  await readHistory(work, ledger)
  const own = (await ledger.attempts(confirmed.revision)).map((entry) => closed.get(entry.ref) ?? entry)
  return decideBy(work, { confirmed, recent, own })
}

/** Runs that no person started trust what was seen, as long as the recipe runs as it did then. */
async function trustSeen(
  work: Work,
  { ledger, confirmed }: { ledger: RecipeLedger; confirmed: Confirmed },
): Promise<void> {
  const { request, hashes, recipe } = work
  if (request.byPerson || request.force || request.dryRun || !confirmed.isHead) return
  // Whether the base model moved is not in the entry's revision.
  if (recipe.retrainOn.includes('base-model')) return
  const seen = await ledger.seen()
  if (seen === null || seen.again !== null || seen.revision !== confirmed.revision) return
  if (seen.howItRuns !== hashes.howItRuns) return
  work.known.isSeenTrusted = true
  throw new Skipped(seen.reason, { isWarning: seen.warns ?? false })
}

async function readHistory({ facts }: Pick<Work, 'facts'>, ledger: RecipeLedger): Promise<void> {
  const entries = await ledger.recent()
  facts.history = entries.slice(0, historyLength).map(toPastRun)
  facts.baseline = facts.history.find(({ verdict }) => verdict === 'succeeded') ?? null
}

interface Situation {
  readonly confirmed: Confirmed
  /** Newest first. */
  readonly recent: readonly Entry[]
  /** The attempts at the revision itself, first first. */
  readonly own: readonly Entry[]
}

/** Two attempts are compared with the head, and the head's own: see docs/ledger.md. */
async function decideBy(work: Work, situation: Situation): Promise<Checked['next']> {
  const { tools, request, facts } = work
  const { confirmed, recent, own } = situation
  const now = tools.clock.now()
  const { good, last } = basesOf(recent, now)
  const latest = own.at(-1) ?? null
  if (latest !== null && !hasEnded(latest.record)) return act(work, decideFor(work, latest, null), { latest })
  const attempt = (latest?.record.attempt ?? 0) + 1
  const data = await readData(work, confirmed.revision)
  // A person who names a revision, or forces it, has judged the change.
  const isAsked = request.revision !== null || request.force
  const withGood = good === null ? null : await compareWith(work, data, good)
  facts.change = await changeSince(work, data, { base: good, listed: withGood?.base ?? null })
  const claim = { do: 'claim', attempt, data, abandoned: null, base: good } as const
  // Not even `force` trains beside a run that may be running on the same data, under whatever revision.
  const isDone = !isAsked && good !== null && !isStale(work, good)
  if (good !== null && withGood?.isSame && (isDone || !hasEnded(good.record))) {
    throw unchanged(work, { good, latest, change: facts.change })
  }
  const bound = boundOf(work, { recent, data })
  if (latest !== null) {
    const decision = decideFor(work, latest, bound)
    return decision.do === 'claim' ? claim : act(work, decision, { latest, data, attempt, base: good })
  }
  if (!isAsked && last !== null && last !== good && (await compareWith(work, data, last)).isSame) {
    const decision = decideFor(work, last, bound)
    if (decision.do === 'skip') throw skipped(decision)
  } else if (bound !== null && !request.byPerson && !isAsked) {
    throw new Skipped(bound, { isWarning: true })
  }
  return claim
}

function decideFor({ tools, request, hashes }: Work, { record }: Entry, bound: string | null): Decision {
  return decide({
    last: record,
    workflow: tools.workflow,
    byPerson: request.byPerson,
    force: request.force,
    runsTheSame: record.howItRuns === null || record.howItRuns === hashes.howItRuns,
    bound,
    now: tools.clock.now(),
  })
}

function boundOf(
  { recipe }: Work,
  { recent, data }: { recent: readonly Entry[]; data: RevisionData },
): string | null {
  const same = recent.filter(({ record }) => isSameData(record.data, data.facts))
  const lastGood = same.findIndex(({ record }) => record.state === 'succeeded')
  const since = (lastGood === -1 ? same : same.slice(0, lastGood)).map(({ record }) => record)
  const nextCost = since[0]?.costEstimate ?? null
  return automaticBound({ attempts: since, maxCost: recipe.maxCost, nextCost })
}

/** Carries out a decision about an attempt at the revision itself. */
async function act(
  work: Work,
  decision: Decision,
  given: { latest: Entry; data?: RevisionData; attempt?: number; base?: Entry | null },
): Promise<Checked['next']> {
  const { latest } = given
  switch (decision.do) {
    case 'skip':
      throw skipped(decision)
    case 'attach':
    case 'report':
      return { do: decision.do, entry: latest }
    case 'claim':
    case 'take-over': {
      const data = given.data ?? (await readData(work, latest.record.revision))
      const attempt = given.attempt ?? latest.record.attempt + 1
      const base = given.base ?? null
      return { do: 'claim', attempt, data, abandoned: decision.do === 'take-over' ? latest : null, base }
    }
  }
}

function skipped({ reason, isWarning }: Extract<Decision, { do: 'skip' }>): Skipped {
  return new Skipped(reason, { isWarning })
}

/** Whether a success would come out differently today, where the recipe asks to be retrained then. */
function isStale({ recipe, hashes, known }: Work, { record }: Entry): boolean {
  if (record.state !== 'succeeded') return false
  const changed = (now: string | null, then: string | null) => now !== null && then !== null && now !== then
  return (
    (recipe.retrainOn.includes('recipe') && changed(hashes.whatItMakes, record.whatItMakes)) ||
    (recipe.retrainOn.includes('base-model') && changed(known.baseModel, record.baseModel))
  )
}

function unchanged(
  work: Work,
  { good, latest, change }: { good: Entry; latest: Entry | null; change: Change | null },
): Skipped {
  const { record } = good
  if (record.state !== 'succeeded')
    return new Skipped(`The training on this data is running: ${linkOf(record)}.`)
  const { paths } = work.recipe
  if (latest?.ref === good.ref) return new Skipped(`Already trained: ${linkOf(record)}.`)
  const reason = irrelevantChangeReason(change, {
    since: record.revision,
    link: linkOf(record),
    hasPaths: paths.length > 0,
    namesFiles: mayNameDataset(work),
  })
  return new Skipped(reason)
}
