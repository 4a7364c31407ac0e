import type { Change } from '../../domain/change/change.ts'
import { isSameData } from '../../domain/data.ts'
import { formatCount } from '../../domain/text/format.ts'
import { Skipped, UnfitData } from '../../domain/verdict.ts'
import { automaticBound, type Decision, decide, isRerunOf } from '../../ledger/decide.ts'
import type { Entry } from '../../ledger/entry.ts'
import { attemptsSince, basesOf, claimedAt, isActive, toPastRun } from '../../ledger/history.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import { openPublication } from '../../ledger/publications/publication-log.ts'
import { hasEnded, type LedgerRecord, linkOf } from '../../ledger/record.ts'
import { irrelevantChangeReason } from '../../report/irrelevant-change.ts'
import { needsPerson } from '../attempt/record-order.ts'
import { type Closed, closeOpenRecords } from '../close/close.ts'
import { NotNow } from '../errors.ts'
import { seenForGood, whenOpen } from '../note-seen.ts'
import { noteStanding } from '../publish/describe.ts'
import { runName } from '../publish/names.ts'
import { publishLeft } from '../publish/publish-left.ts'
import { mayNameDataset, type Work } from '../work.ts'
import type { Confirmed } from './confirm.ts'
import { changeSince, compareWith, type RevisionData, readBase, readNewData } from './data.ts'
import { assertEnoughChanged } from './enough-changed.ts'
import { explainOtherParams, runsTheSame } from './other-params.ts'

/** How many past runs the reports show. */
const historyLength = 10

/** A dry run closes nothing. */
const nothingClosed: Closed = { changed: new Map(), unasked: new Set() }

/** What a check found out about a revision that is not skipped. */
export type Next =
  | {
      readonly do: 'claim'
      readonly attempt: number
      readonly data: RevisionData
      /** The claim that is taken over, whose run is looked for first. */
      readonly abandoned: Entry | null
      /** The attempt that the data was compared with. */
      readonly base: Entry | null
      /** The files of that attempt's revision; null where they could not be listed. */
      readonly listed: RevisionData | null
      /** The attempts at the same data since the newest success with it, newest first. */
      readonly before: readonly LedgerRecord[]
    }
  | { readonly do: 'attach' | 'report'; readonly entry: Entry }

/**
 * Decides by the ledger what is to be done about a revision, after it has brought the open records up to date.
 *
 * @throws Skipped when there is rightly nothing to do; NotNow when an earlier order may be running unseen
 */
export async function decideNext(
  work: Work,
  { ledger, confirmed }: { ledger: RecipeLedger; confirmed: Confirmed },
): Promise<Next> {
  const { request, known } = work
  await ledger.prepare(confirmed.revision)
  await noteStanding(work)
  await trustSeen(work, { ledger, confirmed })
  const found = await ledger.recent()
  const open = found.filter(({ record }) => !hasEnded(record))
  known.open = open
  // The report of a run that this check closes lists the others.
  if (open.length > 0) await readHistory(work, ledger)
  const { changed, unasked } = request.dryRun ? nothingClosed : await closeOpenRecords(work, ledger, open)
  const current = (entry: Entry) => changed.get(entry.ref) ?? entry
  const recent = found.map(current)
  known.open = recent.filter(({ record }) => !hasEnded(record))
  await readHistory(work, ledger)
  const mayBeLeft = work.recipe.publishTo !== null || recent.some(({ record }) => record.publish === 'due')
  if (mayBeLeft && !request.dryRun) await publishLeft(work, ledger, recent)
  const own = (await ledger.attempts(confirmed.revision)).map(current)
  const adopted = open.filter(({ ref, record }) => {
    return record.state === 'claimed' && changed.get(ref)?.record.state === 'started'
  })
  return decideBy(work, { confirmed, recent, own, unasked, adopted: adopted.map(({ ref }) => ref) })
}

/** Runs that no person started trust what was seen, as long as the recipe runs as it did then. */
async function trustSeen(
  work: Work,
  { ledger, confirmed }: { ledger: RecipeLedger; confirmed: Confirmed },
): Promise<void> {
  // Whether the base model moved, or the recipe since the last success, is not in the entry.
  if (work.recipe.retrainOn.some((what) => what !== 'data')) return
  const seen = await seenForGood(work, { ledger, confirmed })
  // What a person started at another revision, or an entry that could not be written, may have left something open.
  if (seen === null || seen.claims !== ledger.claims) return
  // What a person began to publish, and did not end, is finished by the next check.
  if (openPublication(await ledger.publications.read()) !== null) return
  work.known.trustsSeen = true
  // The summary of a warning names what the earlier runs cost.
  if (seen.warns) await readHistory(work, ledger)
  // An entry of an older version says only that its reason is a failure.
  const { reason, warns = false, comesBack = warns ? 'data' : null } = seen
  throw new Skipped(reason, { isWarning: warns, comesBack })
}

/** Reads the past runs that the reports show. */
export async function readHistory({ facts }: Pick<Work, 'facts'>, ledger: RecipeLedger): Promise<void> {
  const entries = await ledger.recent()
  const past = entries.map(toPastRun)
  facts.history = past.slice(0, historyLength)
  facts.baseline = past.find(({ verdict }) => verdict === 'succeeded') ?? null
  facts.sinceSuccess = attemptsSince(past)
}

interface Situation {
  readonly confirmed: Confirmed
  /** Newest first. */
  readonly recent: readonly Entry[]
  /** The attempts at the revision itself, first first. */
  readonly own: readonly Entry[]
  /** The refs of open records whose provider could not be asked. */
  readonly unasked: ReadonlySet<string>
  /** The refs of claims whose owner is gone, and whose run this check has found: no workflow run follows it. */
  readonly adopted: readonly string[]
}

/** Two attempts are compared with the head, and the head's own: see docs/ledger.md. */
async function decideBy(work: Work, situation: Situation): Promise<Next> {
  const { tools, request, facts, recipe } = work
  const { confirmed, recent, own, unasked, adopted } = situation
  const latest = own.at(-1) ?? null
  if (latest !== null && adopted.includes(latest.ref)) return { do: 'attach', entry: latest }
  const open = latest !== null && !hasEnded(latest.record) ? latest : null
  if (open !== null) {
    const decision = decideFor(work, open, null)
    if (decision.do === 'skip') throw inTheWay(work, decision, open)
    if (decision.do === 'attach' || decision.do === 'report') return { do: 'attach', entry: open }
  }
  // A claim that is taken over is no base for itself.
  const others = recent.filter(({ ref }) => ref !== open?.ref)
  const { good, last } = basesOf(others, tools.clock.now())
  const isPrepared = open !== null && needsPerson(work, open.record)
  const attempt = (latest?.record.attempt ?? 0) + 1
  const data = await readNewData(work, confirmed.revision)
  checkFiles(work, data)
  // A person who names a revision, or forces it, has judged the change.
  const isAsked = request.revision !== null || request.force
  const withGood = good === null ? null : await compareWith(work, data, good)
  const waitsForMore = recipe.minChangedFiles > 1 && !isAsked && withGood !== null && !withGood.isSame
  const listed = await readBase(work, { base: good, listed: withGood?.base ?? null, mustKnow: waitsForMore })
  const change = changeSince(work, data, { base: good, listed })
  facts.change = change
  checkRunning(work, { recent: others, data })
  if (!isAsked && good !== null && withGood?.isSame && !isStale(work, good)) {
    throw unchanged(work, { good, latest, change })
  }
  checkUnasked(data, { recent: others, unasked })
  const before = attemptsOn(data, recent)
  const claim = {
    do: 'claim',
    attempt,
    data,
    abandoned: isPrepared ? null : open,
    base: good,
    listed,
    before,
  } as const
  const bound = boundOf(work, before)
  const isLast = !isAsked && last !== null && last !== good && (await compareWith(work, data, last)).isSame
  const judged = newestOf([...own, ...(isLast ? [last] : [])])
  if (judged !== null) {
    if (!isRerunOf({ last: judged.record, workflow: tools.workflow }) && isStale(work, judged)) return claim
    const decision = decideFor(work, judged, bound)
    if (decision.do === 'skip') throw skipped(decision)
    if (decision.do === 'report' && judged.record.revision === confirmed.revision) {
      return { do: 'report', entry: judged }
    }
  } else if (waitsForMore && good !== null && !isStale(work, good)) {
    assertEnoughChanged(work, { base: good, change, data })
  }
  if (judged === null && bound !== null && !request.byPerson && !isAsked) {
    throw new Skipped(bound, { isWarning: true, comesBack: 'data' })
  }
  return claim
}

/** The attempt that decides: not one that was stopped because an older run went on, whose end counts. */
function newestOf(attempts: readonly Entry[]): Entry | null {
  const deciding = attempts.filter(({ record }) => !record.gaveWay)
  return deciding.toSorted((a, b) => claimedAt(b) - claimedAt(a))[0] ?? null
}

/** A trainer given no data at all fails, and what it costs until then is paid. */
function checkFiles({ recipe }: Work, { files, facts }: RevisionData): void {
  if (facts.files > 0) return
  const names = recipe.paths.length > 0 ? 'paths and paths-ignore' : 'paths-ignore'
  throw new UnfitData(
    `${names}: the dataset has nothing to train on, only ${formatCount(files.length, 'file')} that ` +
      `${recipe.paths.length > 0 ? 'they exclude' : 'it excludes'}.`,
  )
}

function decideFor(work: Work, { record }: Entry, bound: string | null): Decision {
  const { tools, request, hashes } = work
  const decision = decide({
    last: record,
    workflow: tools.workflow,
    byPerson: request.byPerson,
    force: request.force,
    needsPerson: needsPerson(work, record),
    runsTheSame: runsTheSame({ hashes }, record),
    bound,
    now: tools.clock.now(),
  })
  if (decision.do !== 'skip') return decision
  const explained = { ...decision, ...explainOtherParams(work, record, decision) }
  return { ...explained, reason: `${explained.reason}${notPublished(work, record)}` }
}

/** A branch that was moved back to a revision that was trained: its model may not be the one that people load. */
function notPublished({ recipe, known }: Work, record: LedgerRecord): string {
  const { published } = known
  const isOther =
    published !== null && (published.revision !== record.revision || published.attempt !== record.attempt)
  if (record.state !== 'succeeded' || recipe.publishTo === null || !isOther) return ''
  return ` Another run is published now: Run workflow with publish-revision: ${runName(record)} publishes this one.`
}

/** The attempts at the same data since the newest success with it, newest first: what bounds the next one. */
export function attemptsOn(data: DataAt, recent: readonly Entry[]): LedgerRecord[] {
  const same = recent.filter(({ record }) => isOn(data, record)).map(({ record }) => record)
  const lastGood = same.findIndex(({ state }) => state === 'succeeded')
  return lastGood === -1 ? same : same.slice(0, lastGood)
}

/** A revision, and the facts about its data where they are known. */
type DataAt = Pick<RevisionData, 'revision'> & {
  readonly facts: LedgerRecord['data'] | RevisionData['facts']
}

function isOn({ revision, facts }: DataAt, record: LedgerRecord): boolean {
  return record.revision === revision || isSameData(record.data, facts)
}

/** The price of the next attempt is that of the last until it is planned, where the recipe still runs as it did. */
export function boundOf(
  { recipe, hashes }: Pick<Work, 'recipe' | 'hashes'>,
  before: readonly LedgerRecord[],
): string | null {
  const [last] = before
  const nextCost = last !== undefined && runsTheSame({ hashes }, last) ? last.costEstimate : null
  return automaticBound({ attempts: before, maxCost: recipe.maxCost, nextCost })
}

/**
 * Never beside a run on the same data that may be running, whoever asks, and whatever its revision.
 *
 * @throws Skipped with its link
 */
function checkRunning(work: Work, { recent, data }: { recent: readonly Entry[]; data: RevisionData }): void {
  const now = work.tools.clock.now()
  const running = recent.find(
    ({ record }) => isActive(record, now) && !needsPerson(work, record) && isOn(data, record),
  )
  if (running === undefined) return
  const decision = decideFor(work, running, null)
  throw decision.do === 'skip' ? inTheWay(work, decision, running) : runsAlready(work, running)
}

/**
 * What cannot be seen is assumed to run: an order on the same data that may have been sent is in the way while its
 * provider does not answer.
 *
 * @throws NotNow that says so
 */
function checkUnasked(data: RevisionData, { recent, unasked }: Pick<Situation, 'recent' | 'unasked'>): void {
  const entry = recent.find(({ ref, record }) => unasked.has(ref) && isOn(data, record))
  if (entry === undefined) return
  throw new NotNow(
    `An earlier training on this data may be running (${linkOf(entry.record)}), and its provider could not be asked: ` +
      'nothing was started. The next check tries again.',
  )
}

function runsAlready(work: Work, entry: Entry): Skipped {
  return skippedFor(work, entry, `The training on this data is running: ${linkOf(entry.record)}.`)
}

/** The skip because of an attempt, with a word on its params where they are not today's. */
function skippedFor(work: Work, { record }: Entry, given: string): Skipped {
  const { reason, isWarning } = explainOtherParams(work, record, { reason: given, isWarning: false })
  return new Skipped(reason, { isWarning })
}

function skipped({ reason, isWarning, comesBack }: Extract<Decision, { do: 'skip' }>): Skipped {
  return new Skipped(reason, { isWarning, comesBack })
}

/** The skip because of an attempt that has not ended: checked again, also where the claim is all that its owner made. */
function inTheWay(
  { tools }: Work,
  { reason, isWarning, comesBack }: Extract<Decision, { do: 'skip' }>,
  { record }: Entry,
): Skipped {
  return new Skipped(reason, { isWarning, comesBack, againAt: whenOpen(record, tools.clock.now()) })
}

/** Whether a success would come out differently today, where the recipe asks to be retrained then. */
function isStale({ recipe, hashes, known }: Work, { record }: Entry): boolean {
  if (record.state !== 'succeeded') return false
  const changed = (now: string | null, then: string | null) => now !== null && then !== null && now !== then
  return (
    (recipe.retrainOn.includes('recipe') && changed(hashes.whatItMakes, record.whatItMakes)) ||
    (recipe.retrainOn.includes('base-model') && changed(known.baseModel?.head ?? null, record.baseModel))
  )
}

function unchanged(
  work: Work,
  { good, latest, change }: { good: Entry; latest: Entry | null; change: Change },
): Skipped {
  const { record } = good
  if (record.state !== 'succeeded' && !needsPerson(work, record)) {
    return runsAlready(work, good)
  }
  const { paths } = work.recipe
  if (latest?.ref === good.ref) return skippedFor(work, good, `Already trained: ${linkOf(record)}.`)
  const reason = irrelevantChangeReason(change, {
    since: record.revision,
    link: linkOf(record),
    hasPaths: paths.length > 0,
    namesFiles: mayNameDataset(work),
  })
  return skippedFor(work, good, reason)
}
