import { messageOf } from '../domain/error-message.ts'
import {
  NotStarted,
  type Trainer,
  type TrainingOrder,
  type TrainingPlan,
  type TrainingRun,
} from '../domain/training.ts'
import { Refused, Skipped } from '../domain/verdict.ts'
import { modelExists } from '../hub/models/models.ts'
import { mayStart } from '../ledger/decide.ts'
import { type Entry, TakenOver } from '../ledger/entry.ts'
import type { RecipeLedger } from '../ledger/ledger.ts'
import { freeProjectName } from '../recipe/project-name.ts'
import { recipeKey } from '../recipe/recipe-key.ts'
import type { Confirmed } from './confirm.ts'
import { MayBeRunning } from './errors.ts'
import { logError } from './log/error-log.ts'
import { judgeChange } from './look.ts'
import { namesDataset, type Owned, type Work } from './work.ts'

/** Milliseconds for the order to stop a run that must not go on. */
const stopWithin = 30_000

/** What was found good to start. */
export interface Planned {
  readonly trainer: Trainer
  readonly confirmed: Confirmed
  readonly project: string
  readonly plan: TrainingPlan
}

/**
 * Says what would be trained, where, and what it can cost. Nothing is started.
 *
 * @throws Refused when it must not be carried out
 */
export async function planTraining(work: Work, confirmed: Confirmed, attempt: number): Promise<Planned> {
  const { recipe, tools, facts, steps } = work
  const { hub, signal } = tools
  const trainer = tools.trainers[recipe.trainer]
  const { revision } = confirmed
  return steps.run('Plan the training', async () => {
    const project = await freeProjectName({
      prefix: recipe.autotrainProjectPrefix,
      revision,
      first: attempt,
      isTaken: (name) => modelExists(hub, { model: `${recipe.targetNamespace}/${name}`, signal }),
    })
    const plan = await trainer.plan({ recipe, revision, project, nonce: '' }, signal)
    if (plan.readsOnlyHead && !confirmed.isHead) {
      throw new Refused(
        `revision: the trainer ${recipe.trainer} can only train on the head of ${recipe.ref} here, ` +
          'not on an older revision.',
      )
    }
    Object.assign(facts, { project, plan, attempt })
    return { trainer, confirmed, project, plan }
  })
}

/**
 * Starts what was planned, once: the claim comes first, and whoever does not get it starts nothing.
 *
 * @returns the training, whose run and record are known
 * @throws Skipped when another workflow run has the claim, or the day's number is used up
 */
export async function startTraining(work: Work, ledger: RecipeLedger, planned: Planned): Promise<Owned> {
  const { recipe, tools, steps, facts } = work
  const { trainer, project, plan } = planned
  const claimed = await steps.run('Claim the revision', () => claim(work, ledger, planned))
  const { revision, nonce } = claimed.record
  const order = { recipe, revision, project, nonce }
  const model = `${recipe.targetNamespace}/${project}`
  const deadline = new Date(tools.clock.now() + (plan.timeout ?? 0)).toISOString()

  tools.pending.add({ order, ledgerKey: recipeKey(recipe) })
  // A run that nobody could find again is written down before it begins, so that none is ever unaccounted for.
  const entry =
    trainer.find === undefined ? await ledger.save(claimed, { verdict: 'started', model, deadline }) : claimed
  const run = await startOrRelease(work, ledger, { trainer, order, entry, claimed })
  facts.run = run
  const { id } = run
  const url = namesDataset(work) || !run.url.includes(recipe.inputDataset) ? run.url : null
  const saved = await ledger
    .save(entry, { run: { id, url }, verdict: 'started', model, deadline })
    .catch(async (error: unknown) => {
      if (error instanceof TakenOver) return keepOrStop(work, { trainer, order, run, error })
      await logError(work.log, error)
      work.log.warning(
        `The run is under way, but the ledger could not be told (${messageOf(error)}): ` +
          'the next run of this workflow looks for it.',
      )
      return entry
    })
  return { work, trainer, entry: saved, order, run }
}

async function claim(work: Work, ledger: RecipeLedger, planned: Planned): Promise<Entry> {
  const { recipe, tools, facts } = work
  const { confirmed, project, plan } = planned
  const { owned, entry } = await ledger.claim({
    revision: confirmed.revision,
    attempt: facts.attempt ?? 1,
    claimant: {
      atHead: confirmed.isHead,
      deliveryId: tools.report.delivery,
      trigger: tools.report.trigger ?? 'manual',
      workflow: tools.workflow,
      trainer: recipe.trainer,
      project,
      costEstimate: plan.cost?.max ?? null,
    },
  })
  if (!owned) {
    throw new Skipped(`Another workflow run has claimed this revision: ${entry.record.workflow.url}.`)
  }
  const withSlot = await ledger.takeDaySlot(entry, recipe.maxRunsPerDay)
  if (withSlot === null) {
    await ledger.release(entry)
    const reason =
      `The ${recipe.maxRunsPerDay} runs of today (max-runs-per-day, UTC) are used up: ` +
      'the schedule trains this revision tomorrow, if it is still the head; or raise the number.'
    work.log.warning(reason)
    throw new Skipped(reason)
  }
  await lookAgain(work, ledger, withSlot)
  return withSlot
}

/** The claim is ours alone for some minutes only. */
function assertMayBegin({ tools }: Work, { record }: Entry): void {
  if (tools.signal.aborted) {
    throw new NotStarted('The workflow was cancelled before anything was started.')
  }
  if (!mayStart(record, tools.clock.now())) {
    throw new NotStarted('Too much time passed between the claim and the start: run the workflow again.')
  }
}

/**
 * While this workflow run looked, another one may have claimed the revision before, and a commit that only touched
 * the card came in between: what the other one trains need not be trained again.
 */
async function lookAgain(work: Work, ledger: RecipeLedger, claimed: Entry): Promise<void> {
  try {
    const base = await ledger.baseBefore(claimed)
    if ((base?.record.revision ?? null) !== (work.facts.change?.from ?? null)) await judgeChange(work, base)
  } catch (error) {
    await giveBack(ledger, claimed)
    throw error
  }
}

/** Another workflow run took the claim over while the start was under way: two runs for one revision must not be. */
async function keepOrStop(
  { tools }: Work,
  taken: { trainer: Trainer; order: TrainingOrder; run: TrainingRun; error: TakenOver },
): Promise<Entry> {
  const { trainer, order, run, error } = taken
  if (error.current?.record.run?.id === run.id) return error.current
  await trainer.cancel?.(order, run, AbortSignal.timeout(stopWithin)).catch((cause: unknown) => {
    throw new MayBeRunning(messageOf(cause), { cause })
  })
  tools.pending.remove(order, 'was stopped, because another workflow run took its revision over')
  throw new Skipped(
    'Another workflow run took this revision over; the run that was started here was stopped.',
  )
}

interface Starting {
  readonly trainer: Trainer
  readonly order: TrainingOrder
  readonly entry: Entry
  /** As it was claimed. */
  readonly claimed: Entry
}

async function startOrRelease(work: Work, ledger: RecipeLedger, starting: Starting) {
  const { trainer, order, entry, claimed } = starting
  const { tools, steps, log } = work
  try {
    return await trainer.start(order, {
      signal: tools.signal,
      assertMayBegin: () => assertMayBegin(work, claimed),
      step: steps.run,
      log: (line) => log.debug(line),
      progress: () => undefined,
    })
  } catch (error) {
    const reason = messageOf(error)
    const isOver = error instanceof NotStarted
    if (isOver) tools.pending.remove(order, 'was not started')
    // Nobody can tell whether it began: the claim stays open, and whoever closes it asks the provider once more.
    if (!isOver && trainer.find !== undefined) throw new MayBeRunning(reason, { cause: error })
    const left = isOver ? await giveBack(ledger, entry) : entry
    if (left !== null) {
      const told = namesDataset(work) ? reason : null
      // What never began and cannot be given back is closed as such: nothing was bought, so the next run tries again.
      const verdict = isOver ? 'cancelled' : 'failed'
      await ledger.save(left, { verdict, reason: told }).catch(async (failure: unknown) => {
        await logError(log, failure)
        log.warning(`The ledger could not be told of the failure: ${String(failure)}`)
      })
    }
    throw isOver ? error : new MayBeRunning(reason, { cause: error })
  }
}

/**
 * Gives back the claim of a run that certainly never began, also one that was written down as started beforehand.
 *
 * @returns null when it was given back, else the entry as it is now
 */
async function giveBack(ledger: RecipeLedger, entry: Entry): Promise<Entry | null> {
  let left = entry
  try {
    if (entry.record.verdict !== null)
      left = await ledger.save(entry, { verdict: null, model: null, deadline: null, startedAt: null })
    return (await ledger.release(left)) ? null : left
  } catch {
    return left
  }
}
