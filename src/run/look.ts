import { messageOf } from '../domain/error-message.ts'
import { Skipped } from '../domain/verdict.ts'
import { filterEvent } from '../event/filter.ts'
import { changeBetween } from '../hub/dataset-diff.ts'
import { decide } from '../ledger/decide.ts'
import type { Entry } from '../ledger/entry.ts'
import type { RecipeLedger } from '../ledger/ledger.ts'
import { toPastRun } from '../ledger/past-runs.ts'
import { pathRule } from '../recipe/paths.ts'
import { whyNotWorthARun } from '../report/skip-reason.ts'
import { closeOpenRecords } from './close-records.ts'
import { type Confirmed, confirmRevision, type Wanted } from './confirm.ts'
import { trainerOf } from './record-view.ts'
import { waitToSettle } from './settle.ts'
import { namesDataset, type Work } from './work.ts'

/** How many past runs the reports show. */
const historyLength = 10

/** A revision that is worth a run, or has one that is ours to follow. */
export interface Found {
  readonly confirmed: Confirmed
  readonly next:
    | { readonly do: 'claim'; readonly attempt: number }
    | { readonly do: 'take-over'; readonly attempt: number; readonly abandoned: Entry }
    | { readonly do: 'attach'; readonly entry: Entry }
}

/**
 * Finds out whether a revision is free to be trained, before anything is spent: what the Hub's branch holds, and what
 * the ledger knows.
 *
 * @throws Skipped when there is rightly nothing to do; Refused when somebody has to mend something first
 */
export async function lookForWork(work: Work, ledger: RecipeLedger, wanted: Wanted): Promise<Found> {
  const { recipe, request, tools, facts, steps } = work
  const { hub, signal } = tools
  const confirm = () => confirmRevision({ hub, recipe, wanted, signal })
  const confirmed = await steps.run('Ask the Hub about the revision', confirm)
  facts.revision = confirmed.revision
  facts.datasetVisibility = confirmed.visibility

  const next = await steps.run('Look into the ledger', async () => {
    if (!request.dryRun) await closeOpenRecords(work, ledger, confirmed.revision)
    await readHistory(work, ledger)
    return decideByLedger(work, ledger, confirmed.revision)
  })
  return { confirmed, next }
}

/**
 * Compares with the last revision that has a run. A claim that is taken over has to be closed by now: it would count
 * as going.
 *
 * @throws Skipped when nothing is worth a run
 */
export async function compareWithBase(work: Work, ledger: RecipeLedger): Promise<void> {
  await work.steps.run('Compare with the last revision that has a run', async () =>
    judgeChange(work, await ledger.base()),
  )
}

/**
 * Waits until the dataset had time to settle.
 *
 * @throws Skipped when a newer commit came meanwhile
 */
export async function letSettle(work: Work, { revision }: Confirmed): Promise<void> {
  const { recipe, tools, steps, log } = work
  const { hub, signal, clock } = tools
  if (recipe.settle === 0) return
  await steps.run('Let the dataset settle', async () => {
    await waitToSettle({ duration: recipe.settle, clock, log, signal })
    await confirmRevision({ hub, recipe, wanted: { kind: 'event', revision }, signal })
  })
}

/**
 * What the trigger asks for.
 *
 * @throws Skipped when the event is not one for this recipe
 */
export function whatIsWanted({ recipe, request, facts }: Work): Wanted {
  const { event, revision } = request
  if (event === null) return revision === null ? { kind: 'head' } : { kind: 'explicit', revision }
  if (event.repo.name === recipe.inputDataset && event.repo.private !== undefined) {
    facts.datasetVisibility = event.repo.private ? 'private' : 'public'
  }
  const filtered = filterEvent(event, { dataset: recipe.inputDataset, ref: recipe.ref })
  if (!filtered.passed) throw new Skipped(`Not an event for this recipe: ${filtered.rule}.`)
  facts.revision = filtered.revision
  facts.oldRevision = filtered.oldRevision
  return revision === null ? { kind: 'event', revision: filtered.revision } : { kind: 'explicit', revision }
}

async function readHistory({ facts }: Work, ledger: RecipeLedger): Promise<void> {
  const entries = await ledger.history(historyLength)
  facts.history = entries.map(toPastRun)
  facts.baseline = facts.history.find(({ verdict }) => verdict === 'succeeded') ?? null
}

async function decideByLedger(work: Work, ledger: RecipeLedger, revision: string): Promise<Found['next']> {
  const { request, tools } = work
  const entry = await ledger.latest(revision)
  const decision = decide({
    latest: entry?.record ?? null,
    workflow: tools.workflow,
    force: request.force,
    providerKnows: entry !== null && trainerOf(work, entry.record).inspect !== undefined,
    now: tools.clock.now(),
  })
  if (decision.do === 'skip') throw new Skipped(sentence(decision.reason))
  if (decision.do === 'claim' || entry === null)
    return { do: 'claim', attempt: 'attempt' in decision ? decision.attempt : 1 }
  return decision.do === 'attach' ? { do: 'attach', entry } : { ...decision, abandoned: entry }
}

/**
 * Compares with a run of before. A person who names a revision, or forces it, has judged the change.
 *
 * @param base null: there is none, everything is new
 * @throws Skipped when nothing is worth a run
 */
export async function judgeChange(work: Work, base: Entry | null): Promise<void> {
  const { recipe, request, tools, facts } = work
  if (facts.revision === null) return
  const { paths, pathsIgnore } = recipe
  const change = changeBetween(tools.hub, {
    dataset: recipe.inputDataset,
    from: base?.record.revision ?? null,
    to: facts.revision,
    isRelevant: pathRule({ paths, pathsIgnore }),
    signal: tools.signal,
  })
  const judged = request.revision !== null || request.force
  facts.change = judged ? await change.catch(() => null) : await change.catch(explain)
  if (judged || facts.change === null || facts.change.relevant > 0) return
  const namesFiles = namesDataset(work)
  throw new Skipped(whyNotWorthARun(facts.change, { hasPaths: paths.length > 0, namesFiles }))
}

function explain(cause: unknown): never {
  const said = messageOf(cause)
  throw new Error(
    `What changed in the dataset cannot be found out, so nothing is trained: ${said} (force: true trains all the same).`,
    { cause },
  )
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
}
