import type { Outcome } from '../domain/outcome.ts'
import type { Recipe } from '../domain/recipe.ts'
import type { TrainingPlan } from '../domain/training.ts'
import { Skipped } from '../domain/verdict.ts'
import { takeOverAfterMs } from '../ledger/decide.ts'
import { TakenOver } from '../ledger/entry.ts'
import type { RecipeLedger } from '../ledger/ledger.ts'
import { recipeKey } from '../recipe/recipe-key.ts'
import { findRun } from './find-run.ts'
import { followTraining } from './follow.ts'
import type { RunLog } from './log/run-log.ts'
import { compareWithBase, type Found, letSettle, lookForWork, whatIsWanted } from './look.ts'
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

/** A training that was begun and is to be followed. */
interface Going {
  readonly owned: Owned
  readonly ledger: RecipeLedger
}

/**
 * Carries recipes to their verdicts: begun one after the other in their order, each followed as soon as it trains,
 * because a command on the runner waits when nobody reads what it prints. It does not throw, and one recipe's failure
 * does not stop the others.
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
  const log = runLog.beside(tools.log)
  for (const given of recipes) {
    // A revision that a person named is trained whether or not it is the newest: there is nothing to wait for.
    const recipe = request.revision === null ? given : { ...given, settle: 0 }
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

/** From the event to a training that is under way, or to the verdict that there is none. */
async function begin(work: Work): Promise<Outcome | Going> {
  const { recipe, request, tools } = work
  try {
    const wanted = whatIsWanted(work)
    const ledger = await tools.ledger.recipe(recipeKey(recipe))
    const found = await lookForWork(work, ledger, wanted)
    const adopted = await adopt(work, ledger, found)
    if (adopted !== null) return { owned: adopted, ledger }
    if (found.next.do === 'attach') throw new Skipped('This revision has a run already.')

    await compareWithBase(work, ledger)
    // What is to be refused is not waited for.
    const planned = await planTraining(work, found.confirmed, found.next.attempt)
    await letSettle(work, found.confirmed)
    if (request.dryRun) return endWork(work, { verdict: 'planned', reason: dryRun(planned.plan) })
    const owned = await startTraining(work, ledger, planned)
    Object.assign(work.facts, await notifyDataset(work, endWork(work, { verdict: 'started', reason: '' })))
    return { owned, ledger }
  } catch (error) {
    const isTaken = error instanceof TakenOver
    const cause = isTaken ? new Skipped('Another workflow run has taken this revision over.') : error
    return endWork(work, await toEnding(cause, { signal: tools.signal, log: work.log }))
  }
}

/** From a training that is under way to its verdict. */
async function finish(
  { owned, ledger }: Going,
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
    runLog.end()
  }
}

/** A plan is a sentence of its own, which may begin with an article. */
function dryRun({ what }: TrainingPlan): string {
  return `Dry run: ${what.replace(/^A /, 'a ')}.`
}

/** Milliseconds for which a provider may not show a run that was just ordered, and between two looks for it. */
const unseenFor = 120_000
const lookEvery = 5_000

/**
 * Takes on a run that is there already: of an earlier attempt of this workflow run, or of one that went away before
 * it could write the run down.
 */
async function adopt(work: Work, ledger: RecipeLedger, { next }: Found): Promise<Owned | null> {
  if (next.do === 'claim' || work.request.dryRun) return null
  const entry = next.do === 'attach' ? next.entry : next.abandoned
  const trainer = trainerOf(work, entry.record)
  const order = orderOf(work, entry.record)
  // Its owner is gone, and may have ordered a run until then; nobody does so for a claim that anybody may take over.
  const goneBy = Math.min(work.tools.clock.now(), Date.parse(entry.record.times.claimed) + takeOverAfterMs)
  const until = goneBy + unseenFor
  const run =
    runOf(entry.record, trainer) ?? (await findRun(work.tools, { trainer, order, until, every: lookEvery }))
  if (run === null) {
    // Whoever claimed it and is only late finds this, and starts nothing any more.
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
  work.log.info(`Taking on the run that is there: ${run.url}`)
  return { work, trainer, order, run, entry: saved }
}
