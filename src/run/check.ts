import { messageOf } from '../domain/error-message.ts'
import { Skipped } from '../domain/verdict.ts'
import { filterEvent } from '../event/filter.ts'
import { changeBetween } from '../hub/dataset-diff.ts'
import { decide } from '../ledger/decide.ts'
import type { Entry } from '../ledger/entry.ts'
import type { RecipeLedger } from '../ledger/ledger.ts'
import { toPastRun } from '../ledger/past-runs.ts'
import { pathRule } from '../recipe/paths.ts'
import { irrelevantChangeReason } from '../report/irrelevant-change.ts'
import { closeOpenRecords } from './close-records.ts'
import { type Confirmed, confirmRevision, type TargetRevision } from './confirm.ts'
import { trainerOf } from './record-view.ts'
import { waitToSettle } from './settle.ts'
import { mayNameDataset, type Work } from './work.ts'

/** How many past runs the reports show. */
const historyLength = 10

/** A revision to train, or one whose training this workflow run may follow. */
export interface CheckedRevision {
  readonly confirmed: Confirmed
  readonly next:
    | { readonly do: 'claim'; readonly attempt: number }
    | { readonly do: 'take-over'; readonly attempt: number; readonly abandoned: Entry }
    | { readonly do: 'attach'; readonly entry: Entry }
}

/**
 * Checks on the Hub and in the ledger whether a revision may be trained. Nothing is spent.
 *
 * @throws Skipped when there is nothing to do; Refused when the configuration needs a fix
 */
export async function checkRevision(
  work: Work,
  ledger: RecipeLedger,
  target: TargetRevision,
): Promise<CheckedRevision> {
  const { recipe, request, tools, facts, steps } = work
  const { hub, signal } = tools
  const confirm = () => confirmRevision({ hub, recipe, target, signal })
  const confirmed = await steps.run('Check the revision on the Hub', confirm)
  facts.revision = confirmed.revision
  facts.datasetVisibility = confirmed.visibility

  const next = await steps.run('Check the ledger', async () => {
    if (!request.dryRun) await closeOpenRecords(work, ledger, confirmed.revision)
    await readHistory(work, ledger)
    return decideByLedger(work, ledger, confirmed.revision)
  })
  return { confirmed, next }
}

/**
 * Compares with the last revision that has a run. Close a claim that is taken over before: it would count as a run.
 *
 * @throws Skipped when nothing relevant changed
 */
export async function compareWithBase(work: Work, ledger: RecipeLedger): Promise<void> {
  await work.steps.run('Compare with the last trained revision', async () =>
    checkChange(work, await ledger.base()),
  )
}

/**
 * Waits for the recipe's `settle` time, then checks that the revision is still the head.
 *
 * @throws Skipped when there is a newer commit
 */
export async function waitUntilSettled(work: Work, { revision }: Confirmed): Promise<void> {
  const { recipe, tools, steps, log } = work
  const { hub, signal, clock } = tools
  if (recipe.settle === 0) return
  await steps.run('Wait for the dataset to settle', async () => {
    await waitToSettle({ durationMs: recipe.settle, clock, log, signal })
    await confirmRevision({ hub, recipe, target: { kind: 'event', revision }, signal })
  })
}

/**
 * The revision that the trigger asks for.
 *
 * @throws Skipped when the event is not for this recipe
 */
export function readTarget({ recipe, request, facts }: Work): TargetRevision {
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

async function decideByLedger(
  work: Work,
  ledger: RecipeLedger,
  revision: string,
): Promise<CheckedRevision['next']> {
  const { request, tools } = work
  const entry = await ledger.latest(revision)
  const decision = decide({
    latest: entry?.record ?? null,
    workflow: tools.workflow,
    force: request.force,
    providerKnows: entry !== null && trainerOf(work, entry.record).inspect !== undefined,
    now: tools.clock.now(),
  })
  if (decision.do === 'skip') throw new Skipped(toSentence(decision.reason))
  if (decision.do === 'claim' || entry === null)
    return { do: 'claim', attempt: 'attempt' in decision ? decision.attempt : 1 }
  return decision.do === 'attach' ? { do: 'attach', entry } : { ...decision, abandoned: entry }
}

/**
 * Compares the revision with that of an earlier run. The inputs `revision` and `force` train whatever changed.
 *
 * @param base null when there is no earlier run: every file counts as new
 * @throws Skipped when nothing relevant changed
 */
export async function checkChange(work: Work, base: Entry | null): Promise<void> {
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
  const isForced = request.revision !== null || request.force
  facts.change = isForced ? await change.catch(() => null) : await change.catch(failComparison)
  if (isForced || facts.change === null || facts.change.relevant > 0) return
  const namesFiles = mayNameDataset(work)
  throw new Skipped(irrelevantChangeReason(facts.change, { hasPaths: paths.length > 0, namesFiles }))
}

function failComparison(cause: unknown): never {
  throw new Error(
    `The changes of the dataset could not be read, so nothing was started: ${messageOf(cause)} ` +
      '(force: true trains anyway).',
    { cause },
  )
}

function toSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
}
