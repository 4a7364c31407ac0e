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
import { namesDataset, type Owned } from './work.ts'

type Ending = Pick<Outcome, 'verdict' | 'reason'>

/** Milliseconds between two lines of progress that say nothing but that time has passed. */
const progressEvery = 60_000

/** Milliseconds for the order to stop a run: the runner gives 7.5 s in all. */
const cancelWithin = 4_000

/** So many of the last lines of a training that is cancelled are kept. */
const tailLength = 200

/** What was seen of a training on its way: who cancels it does not see its end. */
interface Seen {
  /** From outside. */
  readonly lines: string[]
  /** USD; null while nothing is known. */
  cost: number | null
}

/**
 * Follows a training to its end and writes it into the ledger.
 *
 * @param options.prefix stands before each line where several are followed at once
 * @returns the verdict; `started` where there is nothing to follow, or nobody wants to wait
 */
export async function followTraining(
  owned: Owned,
  options: { ledger: RecipeLedger; runLog: RunLog; prefix: string },
): Promise<Ending> {
  const { work, trainer, order, run } = owned
  const { recipe, tools, facts } = work
  const seen: Seen = { lines: [], cost: null }
  // The workflow may have been cancelled while the start was under way.
  if (tools.signal.aborted && trainer.cancel !== undefined) return stop(owned, options.ledger, seen)
  if (trainer.follow === undefined || !recipe.wait) {
    tools.pending.remove(order, run.nextStep === null ? 'goes on by itself' : 'waits for a person')
    return started(owned)
  }
  try {
    const end = await work.steps.time(
      `${options.prefix}Train`,
      () => follow(owned, { ...options, seen }),
      ({ verdict }) => verdict === 'succeeded',
    )
    facts.end = end
    tools.pending.remove(order, `had ended: ${end.verdict}`)
    const isNamed = namesDataset(work)
    const { discussionUrl } = facts
    await tellLedger(owned, options.ledger, {
      ...changesForEnd(end, isNamed),
      ...(isNamed && { discussionUrl }),
    })
    return { verdict: end.verdict, reason: isNamed ? end.reason : withoutLines(end, run.url) }
  } catch (error) {
    if (tools.signal.aborted) return stop(owned, options.ledger, seen)
    await logError(work.log, error)
    tools.pending.remove(order, 'could not be followed and may still be running')
    const said = messageOf(error)
    return {
      verdict: 'failed',
      reason: `The training was started and could not be followed: ${said} It may still be running: ${run.url}`,
    }
  }
}

async function follow(
  { work, trainer, order, run }: Owned,
  { runLog, prefix, seen }: { runLog: RunLog; prefix: string; seen: Seen },
): Promise<TrainingEnd> {
  if (trainer.follow === undefined) throw new Error(`the trainer ${trainer.name} cannot follow a run`)
  const show = openLog(work, { runLog, prefix, url: run.url })
  const tell = tellProgress(work.tools.clock, { runLog, prefix })
  try {
    return await trainer.follow(order, run, {
      signal: work.tools.signal,
      step: work.steps.run,
      log: (line) => {
        seen.lines.push(line)
        if (seen.lines.length > tailLength) seen.lines.shift()
        show(line)
      },
      progress: (progress) => {
        seen.cost = progress.cost ?? seen.cost
        tell(progress)
      },
    })
  } finally {
    runLog.end()
  }
}

/** What a training prints may show its data: it is not for a place that may not even name the dataset. */
function openLog(
  work: Owned['work'],
  { runLog, prefix, url }: { runLog: RunLog; prefix: string; url: string },
): (line: string) => void {
  if (namesDataset(work)) return (line) => runLog.line(`${prefix}${line}`)
  runLog.story(`${prefix}The dataset is private and this log is not: what the training prints is at ${url}`)
  return () => undefined
}

function withoutLines({ verdict }: TrainingEnd, url: string): string {
  return `The training ${verdict === 'succeeded' ? 'succeeded' : 'did not succeed'}: its page has the details, ${url}`
}

/** The verdict of a training that is under way and not followed. */
function started({ order, run }: Owned): Ending {
  const revision = shortRevision(order.revision)
  return run.nextStep === null
    ? { verdict: 'started', reason: `The training of ${order.project} on ${revision} is under way.` }
    : { verdict: 'started', reason: `The retraining on ${revision} is prepared: ${run.nextStep}.` }
}

/** Cancellation reaches the run too: nobody pays for what nobody waits for. */
async function stop(owned: Owned, ledger: RecipeLedger, seen: Seen): Promise<Ending> {
  const { work, trainer, order, run } = owned
  const { tools, facts } = work
  try {
    if (trainer.cancel === undefined) throw new Error(`the trainer ${trainer.name} cannot stop a run`)
    await trainer.cancel(order, run, AbortSignal.timeout(cancelWithin))
  } catch (error) {
    await logError(work.log, error)
    const said = messageOf(error)
    return {
      verdict: 'cancelled',
      reason: `The workflow was cancelled, but the training may still run and cost: stop it at ${run.url} (${said}).`,
    }
  }
  const reason = 'The workflow was cancelled, and the training with it.'
  const { lines, cost } = seen
  const verdict = 'cancelled'
  facts.end = { verdict, reason, metrics: {}, curve: [], logTail: lines, cost }
  await tellLedger(owned, ledger, { verdict, reason, ...(cost !== null && { costEstimate: cost }) })
  // Not before: when the runner ends the step in between, the end of the job writes it down.
  tools.pending.remove(order, 'was stopped')
  return { verdict, reason }
}

/** What happened has happened: a record that cannot be written is closed by the next run, or was by another one. */
async function tellLedger(
  { work, entry }: Owned,
  ledger: RecipeLedger,
  changes: RecordChanges,
): Promise<void> {
  try {
    await ledger.save(entry, changes)
  } catch (error) {
    if (error instanceof TakenOver && hasEnd(error.current)) return
    await logError(work.log, error)
    const said = messageOf(error)
    work.log.warning(
      `The ledger could not be told how the run ended (${said}): the next run of this workflow does it.`,
    )
  }
}

function hasEnd(entry: Entry | null): boolean {
  return entry !== null && entry.record.verdict !== null && entry.record.verdict !== 'started'
}

function tellProgress(clock: Clock, { runLog, prefix }: { runLog: RunLog; prefix: string }) {
  let told = { at: 0, news: '' }
  return (progress: TrainingProgress): void => {
    const { stage, epoch, epochs, elapsed, cost } = progress
    const news = `${stage} ${epoch === null ? '' : Math.floor(epoch)}`
    if (news === told.news && clock.now() - told.at < progressEvery) return
    told = { at: clock.now(), news }
    const parts = [
      stage.toLowerCase(),
      ...(epoch === null
        ? []
        : [`epoch ${Number(epoch.toFixed(2))}${epochs === null ? '' : ` of ${epochs}`}`]),
      ...(epoch === null || epochs === null || epochs === 0
        ? []
        : [`${Math.round((100 * epoch) / epochs)} %`]),
      ...(elapsed === null ? [] : [formatDuration(elapsed)]),
      ...remaining(progress),
      ...(cost === null ? [] : [`${formatUsd(cost)} so far`]),
    ]
    runLog.story(`${prefix}${parts.join(' · ')}`)
  }
}

function remaining({ epoch, epochs, elapsed }: TrainingProgress): string[] {
  if (epoch === null || epochs === null || elapsed === null || epoch <= 0 || epoch >= epochs) return []
  return [`about ${formatDuration((elapsed * (epochs - epoch)) / epoch)} left`]
}
