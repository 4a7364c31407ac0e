import { messageOf } from '../domain/error-message.ts'
import { formatDuration, formatUsd } from '../domain/format.ts'
import type { Outcome } from '../domain/outcome.ts'
import { shortRevision } from '../domain/revision.ts'
import type { TrainingEnd, TrainingProgress } from '../domain/training.ts'
import type { Clock } from '../http/clock.ts'
import { type Entry, TakenOver } from '../ledger/entry.ts'
import type { RecipeLedger } from '../ledger/ledger.ts'
import type { RecordChanges } from '../ledger/record.ts'
import { logError } from './log/error-log.ts'
import type { RunLog } from './log/run-log.ts'
import { changesForEnd } from './record-view.ts'
import { mayNameDataset, type Owned } from './work.ts'

type Ending = Pick<Outcome, 'verdict' | 'reason'>

/** Milliseconds between two progress lines when only the elapsed time has changed. */
const progressEveryMs = 60_000

/** Milliseconds to stop a run when the workflow is cancelled: the runner kills the step after 7.5 s. */
const cancelWithinMs = 4_000

/** How many of its last log lines are kept of a training that is cancelled. */
const logTailLines = 200

/** What was received from a training so far; a cancelled training reports no end. */
interface Received {
  /** Lines of its log: from outside. */
  readonly lines: string[]
  /** USD; null while it is not known. */
  cost: number | null
}

/**
 * Follows a training to its end and records the end in the ledger.
 *
 * @param options.prefix put before each line when several trainings are followed at once
 * @returns the verdict; `started` when the trainer cannot follow its runs, or with `wait: false`
 */
export async function followTraining(
  owned: Owned,
  options: { ledger: RecipeLedger; runLog: RunLog; prefix: string },
): Promise<Ending> {
  const { work, trainer, order, run } = owned
  const { recipe, tools, facts } = work
  const received: Received = { lines: [], cost: null }
  // The workflow may have been cancelled during the start.
  if (tools.signal.aborted && trainer.cancel !== undefined) {
    return cancelTraining(owned, options.ledger, received)
  }
  if (trainer.follow === undefined || !recipe.wait) {
    tools.pending.remove(order, run.nextStep === null ? 'continues on its own' : 'is waiting for a person')
    return startedEnding(owned)
  }
  try {
    const end = await work.steps.time(
      `${options.prefix}Train`,
      () => follow(owned, { ...options, received }),
      ({ verdict }) => verdict === 'succeeded',
    )
    facts.end = end
    tools.pending.remove(order, `had ended: ${end.verdict}`)
    const mayName = mayNameDataset(work)
    const { discussionUrl } = facts
    await saveEnd(owned, options.ledger, {
      ...changesForEnd(end, mayName),
      ...(mayName && { discussionUrl }),
    })
    return { verdict: end.verdict, reason: mayName ? end.reason : reasonWithoutOutput(end, run.url) }
  } catch (error) {
    if (tools.signal.aborted) return cancelTraining(owned, options.ledger, received)
    await logError(work.log, error)
    tools.pending.remove(order, 'could not be followed and may still be running')
    return {
      verdict: 'failed',
      reason:
        `The training was started and could not be followed: ${messageOf(error)} ` +
        `It may still be running: ${run.url}`,
    }
  }
}

async function follow(
  { work, trainer, order, run }: Owned,
  { runLog, prefix, received }: { runLog: RunLog; prefix: string; received: Received },
): Promise<TrainingEnd> {
  if (trainer.follow === undefined) throw new Error(`the trainer ${trainer.name} cannot follow a run`)
  const showLine = createOutput(work, { runLog, prefix, url: run.url })
  const showProgress = createProgressReporter(work.tools.clock, { runLog, prefix })
  try {
    return await trainer.follow(order, run, {
      signal: work.tools.signal,
      step: work.steps.run,
      log: (line) => {
        received.lines.push(line)
        if (received.lines.length > logTailLines) received.lines.shift()
        showLine(line)
      },
      progress: (progress) => {
        received.cost = progress.cost ?? received.cost
        showProgress(progress)
      },
    })
  } finally {
    runLog.closeGroup()
  }
}

/** The output of a training can contain its data, so a log that may not name the dataset does not show it. */
function createOutput(
  work: Owned['work'],
  { runLog, prefix, url }: { runLog: RunLog; prefix: string; url: string },
): (line: string) => void {
  if (mayNameDataset(work)) return (line) => runLog.output(`${prefix}${line}`)
  runLog.info(`${prefix}The dataset is private and this log is not: see the output of the training at ${url}`)
  return () => undefined
}

function reasonWithoutOutput({ verdict }: TrainingEnd, url: string): string {
  return `The training ${verdict === 'succeeded' ? 'succeeded' : 'did not succeed'}: its page has the details, ${url}`
}

/** The verdict of a training that is under way and not followed. */
function startedEnding({ order, run }: Owned): Ending {
  const revision = shortRevision(order.revision)
  return run.nextStep === null
    ? { verdict: 'started', reason: `The training of ${order.project} on ${revision} is under way.` }
    : { verdict: 'started', reason: `The retraining on ${revision} is prepared: ${run.nextStep}.` }
}

/** Stops a training whose workflow was cancelled, so that it costs nothing more. */
async function cancelTraining(owned: Owned, ledger: RecipeLedger, received: Received): Promise<Ending> {
  const { work, trainer, order, run } = owned
  const { tools, facts } = work
  try {
    if (trainer.cancel === undefined) throw new Error(`the trainer ${trainer.name} cannot stop a run`)
    await trainer.cancel(order, run, AbortSignal.timeout(cancelWithinMs))
  } catch (error) {
    await logError(work.log, error)
    return {
      verdict: 'cancelled',
      reason:
        'The workflow was cancelled, but the training could not be stopped; it may still be running and billed: ' +
        `stop it at ${run.url} (${messageOf(error)}).`,
    }
  }
  const reason = 'The workflow was cancelled, and the training with it.'
  const { lines, cost } = received
  const verdict = 'cancelled'
  facts.end = { verdict, reason, metrics: {}, curve: [], logTail: lines, cost }
  await saveEnd(owned, ledger, { verdict, reason, ...(cost !== null && { costEstimate: cost }) })
  // Only now: when the runner kills the step before, the action's `post` records the end.
  tools.pending.remove(order, 'was stopped')
  return { verdict, reason }
}

/** A failure is no reason to change the verdict: another workflow run has closed the record, or the next one will. */
async function saveEnd({ work, entry }: Owned, ledger: RecipeLedger, changes: RecordChanges): Promise<void> {
  try {
    await ledger.save(entry, changes)
  } catch (error) {
    if (error instanceof TakenOver && hasEnd(error.current)) return
    await logError(work.log, error)
    work.log.warning(
      `The ledger could not record how the run ended (${messageOf(error)}): the next run of this workflow does.`,
    )
  }
}

function hasEnd(entry: Entry | null): boolean {
  return entry !== null && entry.record.verdict !== null && entry.record.verdict !== 'started'
}

function createProgressReporter(clock: Clock, { runLog, prefix }: { runLog: RunLog; prefix: string }) {
  let last = { at: 0, state: '' }
  return (progress: TrainingProgress): void => {
    const { stage, epoch, epochs, elapsedMs, cost } = progress
    const state = `${stage} ${epoch === null ? '' : Math.floor(epoch)}`
    if (state === last.state && clock.now() - last.at < progressEveryMs) return
    last = { at: clock.now(), state }
    const parts = [
      stage.toLowerCase(),
      ...(epoch === null
        ? []
        : [`epoch ${Number(epoch.toFixed(2))}${epochs === null ? '' : ` of ${epochs}`}`]),
      ...(epoch === null || epochs === null || epochs === 0
        ? []
        : [`${Math.round((100 * epoch) / epochs)} %`]),
      ...(elapsedMs === null ? [] : [formatDuration(elapsedMs)]),
      ...remaining(progress),
      ...(cost === null ? [] : [`${formatUsd(cost)} so far`]),
    ]
    runLog.info(`${prefix}${parts.join(' · ')}`)
  }
}

function remaining({ epoch, epochs, elapsedMs }: TrainingProgress): string[] {
  if (epoch === null || epochs === null || elapsedMs === null || epoch <= 0 || epoch >= epochs) return []
  return [`about ${formatDuration((elapsedMs * (epochs - epoch)) / epoch)} left`]
}
