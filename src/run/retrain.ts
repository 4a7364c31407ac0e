import { messageOf } from '../domain/error-message.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { TrainingPlan } from '../domain/plan/training-plan.ts'
import type { Recipe } from '../domain/recipe.ts'
import { Skipped } from '../domain/verdict.ts'
import type { Draft } from '../ledger/claim.ts'
import type { Entry } from '../ledger/entry.ts'
import { type LedgerRecord, linkOf } from '../ledger/record.ts'
import { Attempt } from './attempt/attempt.ts'
import { checkCallsLeft } from './attempt/claim-facts.ts'
import { followTraining } from './attempt/follow.ts'
import { type Checked, checkForWork } from './check/check.ts'
import { comesBackBy, decideAfter } from './check/comes-back.ts'
import { letSettle } from './check/settle.ts'
import { endFromRecord } from './end-from-record.ts'
import { type Ending, toEnding } from './ending.ts'
import type { RunLog } from './log/run-log.ts'
import { noteSeen } from './note-seen.ts'
import { notifyDataset, notifyModel } from './notify.ts'
import { finishPlan, planTraining } from './plan/plan.ts'
import { publishByHand } from './publish/by-hand.ts'
import { due, noteAlsoPublished } from './publish/describe.ts'
import { publishDue } from './publish/publish-due.ts'
import { beginWork, type Collaborators, endWork, ledgerKeys, type Request, type Work } from './work.ts'

/**
 * Takes recipes to their verdicts: started one after the other in their order, each followed as soon as it trains,
 * because a command on the runner waits until its output is read. It does not throw, and one recipe's failure does not
 * stop the others.
 *
 * @returns an outcome for each recipe, in the same order
 */
export async function retrain(
  recipes: readonly Recipe[],
  request: Request,
  given: Collaborators,
  runLog: RunLog,
): Promise<Outcome[]> {
  const { publishRevision } = request
  if (publishRevision !== null) {
    const tools = { ...given, log: runLog.around(given.log) }
    return publishByHand(recipes, publishRevision, { request, tools })
  }
  const outcomes: (Outcome | Promise<Outcome>)[] = []
  const tools = { ...(await withOneList(recipes, request, given)), log: runLog.around(given.log) }
  let running = 0
  for (const configured of recipes) {
    // A person who names a revision waits for no other.
    const recipe = request.revision === null ? configured : { ...configured, settle: 0 }
    const work = beginWork(recipe, request, tools)
    const begun = await begin(work, running)
    if (!(begun instanceof Attempt)) {
      outcomes.push(begun)
      continue
    }
    running += 1
    const prefix = recipes.length > 1 ? `[${begun.order.project}] ` : ''
    const finished = finish(begun, { runLog, prefix }).finally(() => {
      running -= 1
    })
    outcomes.push(finished)
  }
  return Promise.all(outcomes)
}

/**
 * Several recipes share one list of the ledger's refs. What recipes have seen that the config does not have any more
 * is removed, but not by a person's run, whose inputs may name other recipes than the config's.
 */
async function withOneList(
  recipes: readonly Recipe[],
  { byPerson, dryRun }: Request,
  tools: Collaborators,
): Promise<Collaborators> {
  if (recipes.length < 2) return tools
  try {
    const shared = await tools.ledger.recipes(
      await Promise.all(recipes.map((recipe) => ledgerKeys({ identity: recipe }))),
    )
    const { file: workflow, config } = tools.workflow
    if (config !== null && !byPerson && !dryRun) await shared.forgetSeen({ workflow, config })
    return { ...tools, ledger: { ...tools.ledger, ...shared } }
  } catch {
    // Each recipe asks by itself, and says what is wrong.
    return tools
  }
}

/** From the trigger to a training that is under way, or to the verdict that there is none. */
async function begin(given: Work, running: number): Promise<Outcome | Attempt> {
  let work = given
  try {
    const checked = await checkForWork(given)
    work = checked.work
    const { next } = checked
    if (next.do === 'report') return await endFromRecord(work, checked.ledger, next.entry)
    const adopted = work.request.dryRun ? null : await adopt(work, checked)
    if (adopted !== null) return adopted
    if (next.do !== 'claim') throw notFollowed(next.entry.record)
    const claimable = { ...checked, next }
    const planned = await planTraining(work, claimable)
    const drafted: { record: Draft | null } = { record: null }
    const draft = async () => {
      checkCallsLeft(work, running)
      drafted.record = await Attempt.draft(work, planned)
    }
    // While the dataset settles, a record that is written already would grow old.
    const isSoon = !work.request.dryRun && work.recipe.settle === 0
    await finishPlan(work, planned, { draft: isSoon ? draft : null })
    if (work.request.dryRun) {
      const ending: Ending = { verdict: 'planned', reason: dryRun(planned.plan) }
      await noteSeen(work, { ending, entry: null })
      return endWork(work, ending)
    }
    if (work.recipe.settle > 0) await noteSettling(work)
    await letSettle(work, claimable)
    checkCallsLeft(work, running)
    const attempt = await work.steps.run('Claim the revision', () =>
      Attempt.claim(work, planned, drafted.record),
    )
    const sent = await attempt.send()
    await noteSeen(work, {
      ending: { verdict: 'started', reason: 'The training is running.' },
      entry: sent.entry,
    })
    Object.assign(work.facts, await notifyDataset(work, endWork(work, { verdict: 'started', reason: '' })))
    await sent.discussed(work.facts.discussionUrl)
    return sent
  } catch (error) {
    const ending = await toEnding(error, { signal: work.tools.signal, log: work.log })
    if (!work.tools.signal.aborted) await noteSeen(work, { ending, entry: null })
    return endWork(work, ending)
  }
}

/** A run that exists and is not followed: by a dry run, or because its provider does not show it yet. */
function notFollowed(record: LedgerRecord): Skipped {
  const isKnown = record.state === 'started' && record.run !== null
  const what = isKnown ? 'is running' : 'may be running, and every check looks for it until its deadline'
  return new Skipped(`The training on this revision ${what}: ${linkOf(record)}.`)
}

function noteSettling(work: Work): Promise<void> {
  const againAt = work.tools.clock.now() + work.recipe.settle
  const reason = 'The dataset is settling.'
  return noteSeen(work, { ending: { verdict: 'skipped', reason, againAt }, entry: null })
}

/** From a training that is under way to its verdict. */
async function finish(
  attempt: Attempt,
  { runLog, prefix }: { runLog: RunLog; prefix: string },
): Promise<Outcome> {
  const { work } = attempt
  try {
    const followed = await followTraining(attempt, { runLog, prefix })
    const { ledger } = attempt
    const entry = await published(attempt)
    const next = await decideAfter(work, { ledger, entry, end: work.facts.end })
    const ending = { ...followed, comesBack: comesBackBy(next) }
    if (ending.verdict !== 'started') {
      Object.assign(work.facts, await notifyDataset(work, endWork(work, ending)))
    }
    if (ending.verdict === 'succeeded') await notifyModel(work, endWork(work, ending))
    if (!work.tools.signal.aborted) {
      await noteSeen(work, { ending, entry, next })
      await ledger.prune().catch((error: unknown) => work.log.debug(messageOf(error)))
    }
    return endWork(work, ending)
  } catch (error) {
    return endWork(work, await toEnding(error, { signal: work.tools.signal, log: work.log }))
  } finally {
    runLog.closeGroup()
  }
}

/** Publishes the model of an attempt that has just succeeded, where that is due; returns its record as it is then. */
async function published({ work, ledger, entry }: Attempt): Promise<Entry> {
  if (entry.record.publish !== 'due') return entry
  try {
    const done = await publishDue(work, ledger, entry)
    work.facts.publication = done.publication
    await noteAlsoPublished(work, ledger)
    return done.entry
  } catch (error) {
    if (!work.tools.signal.aborted) throw error
    // The training has succeeded and is recorded: only its publication is left.
    const { record } = entry
    const reason = 'The workflow was cancelled before it was published.'
    work.facts.publication = due(record, { to: record.publishTo ?? '', log: null, reason })
    return entry
  }
}

/**
 * Takes on a run that exists already: of an earlier attempt of this workflow run, or of one whose owner died before it
 * could record the run.
 */
async function adopt(work: Work, { ledger, next }: Checked): Promise<Attempt | null> {
  const entry = next.do === 'claim' ? next.abandoned : next.entry
  if (entry === null) return null
  const { project, attempt, discussionUrl } = entry.record
  const adopted = await Attempt.adopt(work, ledger, entry)
  if (adopted === null) return null
  Object.assign(work.facts, { run: adopted.run, project, attempt, discussionUrl })
  return adopted
}

/** A plan's summary is a sentence of its own. */
function dryRun({ summary }: TrainingPlan): string {
  return `Dry run: ${summary.replace(/^(?:A|Your)\b/, (word) => word.toLowerCase())}.`
}
