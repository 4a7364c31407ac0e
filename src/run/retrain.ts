import type { Outcome } from '../domain/outcome.ts'
import type { Recipe } from '../domain/recipe.ts'
import type { TrainingPlan } from '../domain/training.ts'
import { Skipped } from '../domain/verdict.ts'
import { takeOverAfterMs } from '../ledger/decide.ts'
import { TakenOver } from '../ledger/entry.ts'
import type { RecipeLedger } from '../ledger/ledger.ts'
import { recipeKey } from '../recipe/recipe-key.ts'
import {
  type CheckedRevision,
  checkRevision,
  compareWithBase,
  readTarget,
  waitUntilSettled,
} from './check.ts'
import { findRun } from './find-run.ts'
import { followTraining } from './follow.ts'
import type { RunLog } from './log/run-log.ts'
import { neverStartedReason, orderOf, runOf, trainerOf } from './record-view.ts'
import { planTraining, startTraining } from './start.ts'
import {
  beginWork,
  type Collaborators,
  endWork,
  notifyDataset,
  notifyModel,
  type Owned,
  type Request,
  toEnding,
  type Work,
} from './work.ts'

/** A training that was started or adopted, to be followed. */
interface ActiveTraining {
  readonly owned: Owned
  readonly ledger: RecipeLedger
}

/**
 * Brings each recipe to its verdict. The recipes are begun one after the other. Each training is followed from its start
 * on, because a command on the runner blocks when its output is not read. It does not throw, and the failure of one
 * recipe does not stop the others.
 *
 * @returns an outcome for each recipe, in the same order
 */
export async function retrain(
  recipes: readonly Recipe[],
  request: Request,
  tools: Collaborators,
  runLog: RunLog,
): Promise<Outcome[]> {
  const outcomes: (Outcome | Promise<Outcome>)[] = []
  const log = runLog.around(tools.log)
  for (const configured of recipes) {
    // A revision that is asked for by hand is trained even if it is not the newest, so there is nothing to wait for.
    const recipe = request.revision === null ? configured : { ...configured, settle: 0 }
    const begun = await begin(beginWork(recipe, request, { ...tools, log }))
    if (!('owned' in begun)) {
      outcomes.push(begun)
      continue
    }
    const prefix = recipes.length > 1 ? `[${begun.owned.order.project}] ` : ''
    outcomes.push(finish(begun, { runLog, prefix }))
  }
  return Promise.all(outcomes)
}

/** Starts or adopts the training of a recipe, or returns why there is none. */
async function begin(work: Work): Promise<Outcome | ActiveTraining> {
  const { recipe, request, tools } = work
  try {
    const wanted = readTarget(work)
    const ledger = await tools.ledger.recipe(recipeKey(recipe))
    const checked = await checkRevision(work, ledger, wanted)
    const adopted = await adopt(work, ledger, checked)
    if (adopted !== null) return { owned: adopted, ledger }
    if (checked.next.do === 'attach') throw new Skipped('This revision already has a run.')

    await compareWithBase(work, ledger)
    // Planning comes first, so that a refusal does not wait.
    const planned = await planTraining(work, checked.confirmed, checked.next.attempt)
    await waitUntilSettled(work, checked.confirmed)
    if (request.dryRun) return endWork(work, { verdict: 'planned', reason: dryRunReason(planned.plan) })
    const owned = await startTraining(work, ledger, planned)
    Object.assign(work.facts, await notifyDataset(work, endWork(work, { verdict: 'started', reason: '' })))
    return { owned, ledger }
  } catch (error) {
    const isTaken = error instanceof TakenOver
    const cause = isTaken ? new Skipped('Another workflow run has taken over this revision.') : error
    return endWork(work, await toEnding(cause, { signal: tools.signal, log: work.log }))
  }
}

/** Follows a training to its verdict and notifies of it. */
async function finish(
  { owned, ledger }: ActiveTraining,
  { runLog, prefix }: { runLog: RunLog; prefix: string },
): Promise<Outcome> {
  const { work } = owned
  try {
    const ending = await followTraining(owned, { ledger, runLog, prefix })
    if (ending.verdict !== 'started') {
      Object.assign(work.facts, await notifyDataset(work, endWork(work, ending)))
    }
    if (ending.verdict === 'succeeded') await notifyModel(work, endWork(work, ending))
    return endWork(work, ending)
  } catch (error) {
    return endWork(work, await toEnding(error, { signal: work.tools.signal, log: work.log }))
  } finally {
    runLog.closeGroup()
  }
}

/** The summary is a sentence of its own; after the colon only a name keeps its capital letter. */
function dryRunReason({ summary }: TrainingPlan): string {
  return `Dry run: ${summary.replace(/^Your /, 'your ')}.`
}

/** Milliseconds that a provider may take to list a new run, and between two checks. */
const unseenForMs = 120_000
const pollEveryMs = 5_000

/**
 * Adopts an existing run: that of an earlier attempt of this workflow run, or that of a workflow run that died before
 * it recorded its run.
 *
 * @returns null when there is no such run
 */
async function adopt(work: Work, ledger: RecipeLedger, { next }: CheckedRevision): Promise<Owned | null> {
  if (next.do === 'claim' || work.request.dryRun) return null
  const entry = next.do === 'attach' ? next.entry : next.abandoned
  const trainer = trainerOf(work, entry.record)
  const order = orderOf(work, entry.record)
  // The owner may have ordered a run until it died, but not after the claim could be taken over.
  const lastOrderAt = Math.min(
    work.tools.clock.now(),
    Date.parse(entry.record.times.claimed) + takeOverAfterMs,
  )
  const deadline = lastOrderAt + unseenForMs
  const run =
    runOf(entry.record, trainer) ??
    (await findRun(work.tools, { trainer, order, deadline, everyMs: pollEveryMs }))
  if (run === null) {
    // An owner that is only late finds the claim closed, and starts nothing.
    if (next.do === 'take-over')
      await ledger.save(entry, { verdict: 'cancelled', reason: neverStartedReason })
    return null
  }
  const saved =
    next.do === 'attach'
      ? entry
      : await ledger.save(entry, { run: { id: run.id, url: run.url }, verdict: 'started' })
  const { attempt, discussionUrl } = entry.record
  Object.assign(work.facts, { run, project: order.project, attempt, discussionUrl })
  work.tools.pending.add({ order, ledgerKey: recipeKey(work.recipe) })
  work.log.info(`Following the existing run ${run.url}`)
  return { work, trainer, order, run, entry: saved }
}
