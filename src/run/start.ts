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
import { checkChange } from './check.ts'
import type { Confirmed } from './confirm.ts'
import { MayBeRunning } from './errors.ts'
import { logError } from './log/error-log.ts'
import { mayNameDataset, type Owned, type Work } from './work.ts'

/** Milliseconds to stop a run whose revision was taken over. */
const stopWithinMs = 30_000

/** A training that may be started. */
export interface Planned {
  readonly trainer: Trainer
  readonly confirmed: Confirmed
  readonly project: string
  readonly plan: TrainingPlan
}

/**
 * Plans what to train, where, and at what cost. Starts nothing.
 *
 * @param attempt the number of the attempt at the revision, from 1
 * @throws Refused when the configuration needs a fix
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
        `revision: the trainer ${recipe.trainer} can only train on the head of ${recipe.ref} here; ` +
          'leave the input out.',
      )
    }
    Object.assign(facts, { project, plan, attempt })
    return { trainer, confirmed, project, plan }
  })
}

/**
 * Starts a planned training, once: only the workflow run that gets the claim starts anything.
 *
 * @returns the training with its run and its ledger entry
 * @throws Skipped when another workflow run has the claim, or when `max-runs-per-day` is reached
 * @throws MayBeRunning when it cannot be determined whether the run began
 */
export async function startTraining(work: Work, ledger: RecipeLedger, planned: Planned): Promise<Owned> {
  const { recipe, tools, steps, facts } = work
  const { trainer, project, plan } = planned
  const claimed = await steps.run('Claim the revision', () => claim(work, ledger, planned))
  const { revision, nonce } = claimed.record
  const order = { recipe, revision, project, nonce }
  const model = `${recipe.targetNamespace}/${project}`
  const deadline = new Date(tools.clock.now() + (plan.timeoutMs ?? 0)).toISOString()

  tools.pending.add({ order, ledgerKey: recipeKey(recipe) })
  // A run that cannot be looked for is recorded before it begins, so that every run is in the ledger.
  const entry =
    trainer.find === undefined ? await ledger.save(claimed, { verdict: 'started', model, deadline }) : claimed
  const run = await startOrRelease(work, ledger, { trainer, order, entry, claimed })
  facts.run = run
  const { id } = run
  const url = mayNameDataset(work) || !run.url.includes(recipe.inputDataset) ? run.url : null
  const saved = await ledger
    .save(entry, { run: { id, url }, verdict: 'started', model, deadline })
    .catch(async (error: unknown) => {
      if (error instanceof TakenOver) return keepOrCancel(work, { trainer, order, run, error })
      await logError(work.log, error)
      work.log.warning(
        `The run is under way, but the ledger could not record it (${messageOf(error)}): ` +
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
      `max-runs-per-day: all ${recipe.maxRunsPerDay} runs of today (UTC) are used. Raise the limit, ` +
      'or the schedule trains this revision tomorrow if it is still the head.'
    work.log.warning(reason)
    throw new Skipped(reason)
  }
  await recheckBase(work, ledger, withSlot)
  return withSlot
}

/** @throws NotStarted when the workflow was cancelled, or when another workflow run may take the claim over */
function assertMayBegin({ tools }: Work, { record }: Entry): void {
  if (tools.signal.aborted) {
    throw new NotStarted('The workflow was cancelled before anything was started.')
  }
  if (!mayStart(record, tools.clock.now())) {
    throw new NotStarted('Too much time passed between the claim and the start: run the workflow again.')
  }
}

/**
 * Compares again when another workflow run has claimed an earlier revision since the first comparison: this revision may
 * differ from that one only in files that are not worth a run.
 */
async function recheckBase(work: Work, ledger: RecipeLedger, claimed: Entry): Promise<void> {
  try {
    const base = await ledger.baseBefore(claimed)
    if ((base?.record.revision ?? null) !== (work.facts.change?.from ?? null)) await checkChange(work, base)
  } catch (error) {
    await tryRelease(ledger, claimed)
    throw error
  }
}

/** Handles a claim that another workflow run took over during the start: the revision must not have two runs. */
async function keepOrCancel(
  { tools }: Work,
  taken: { trainer: Trainer; order: TrainingOrder; run: TrainingRun; error: TakenOver },
): Promise<Entry> {
  const { trainer, order, run, error } = taken
  if (error.current?.record.run?.id === run.id) return error.current
  await trainer.cancel?.(order, run, AbortSignal.timeout(stopWithinMs)).catch((cause: unknown) => {
    throw new MayBeRunning(messageOf(cause), { cause })
  })
  tools.pending.remove(order, 'was stopped because another workflow run took over its revision')
  throw new Skipped(
    'Another workflow run took over this revision, so the run that was started here was stopped.',
  )
}

interface Start {
  readonly trainer: Trainer
  readonly order: TrainingOrder
  readonly entry: Entry
  /** The entry as it was claimed. */
  readonly claimed: Entry
}

async function startOrRelease(work: Work, ledger: RecipeLedger, start: Start) {
  const { trainer, order, entry, claimed } = start
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
    const isNotStarted = error instanceof NotStarted
    if (isNotStarted) tools.pending.remove(order, 'was not started')
    // The run may have begun: the claim stays open, and the workflow run that closes it asks the provider again.
    if (!isNotStarted && trainer.find !== undefined) throw new MayBeRunning(reason, { cause: error })
    const left = isNotStarted ? await tryRelease(ledger, entry) : entry
    if (left !== null) {
      const recorded = mayNameDataset(work) ? reason : null
      // A claim that cannot be released is closed as never started: nothing was paid, so the next run tries again.
      const verdict = isNotStarted ? 'cancelled' : 'failed'
      await ledger.save(left, { verdict, reason: recorded }).catch(async (failure: unknown) => {
        await logError(log, failure)
        log.warning(`The ledger could not record the failure: ${messageOf(failure)}`)
      })
    }
    throw isNotStarted ? error : new MayBeRunning(reason, { cause: error })
  }
}

/**
 * Releases the claim of a run that certainly never began, even if it was recorded as started before.
 *
 * @returns null when it was released, otherwise the entry as it is now
 */
async function tryRelease(ledger: RecipeLedger, entry: Entry): Promise<Entry | null> {
  let left = entry
  try {
    if (entry.record.verdict !== null)
      left = await ledger.save(entry, { verdict: null, model: null, deadline: null, startedAt: null })
    return (await ledger.release(left)) ? null : left
  } catch {
    return left
  }
}
