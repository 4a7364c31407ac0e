import { messageOf } from '../../domain/error-message.ts'
import { readCompareMetric } from '../../domain/metrics/compare-metric.ts'
import { unmeasuredWarning } from '../../domain/metrics/measured.ts'
import { shortRevision } from '../../domain/revision.ts'
import { formatDuration, formatUsd } from '../../domain/text/format.ts'
import type { OutOfSight, TrainingEnd, TrainingProgress } from '../../domain/training.ts'
import { NotJudged, Refused } from '../../domain/verdict.ts'
import type { Clock } from '../../http/clock.ts'
import type { Ending } from '../ending.ts'
import { logError } from '../log/error-log.ts'
import { mayQuote } from '../log/quoting.ts'
import type { RunLog } from '../log/run-log.ts'
import type { Attempt } from './attempt.ts'

/** The time between two lines of progress that say nothing but that time has passed. */
const progressEveryMs = 60_000

/** The time for the order to stop a run: the runner gives a cancelled step 7.5 s in all. */
const cancelWithinMs = 4_000

/** The time to look how a run that was stopped had ended. Should the runner end the step first, post does it. */
const lookWithinMs = 1_500

/** How many of the last lines of a cancelled training are kept. */
const tailLength = 200

/** What was observed of a training on its way: when it is cancelled, its end is not seen. */
interface Observed {
  /** From outside. */
  readonly lines: string[]
  /** USD; null while nothing is known. */
  cost: number | null
}

/**
 * Follows a training to its end and records it.
 *
 * @param options.prefix stands before each line where several are followed at once
 * @returns the verdict; `started` where there is nothing to follow, or the recipe does not wait
 */
export async function followTraining(
  attempt: Attempt,
  options: { runLog: RunLog; prefix: string },
): Promise<Ending> {
  const { work, trainer, order } = attempt
  const { recipe, tools } = work
  const observed: Observed = { lines: [], cost: null }
  // The workflow may have been cancelled while the start was under way.
  if (tools.signal.aborted && trainer.cancel !== undefined) return stop(attempt, observed)
  if (trainer.follow === undefined || !recipe.wait) {
    tools.pending.remove(order, attempt.run.nextStep === null ? 'was started' : 'waits for a person')
    return started(attempt)
  }
  try {
    const end = await work.steps.time(
      `${options.prefix}Train`,
      () => follow(attempt, { ...options, observed }),
      ({ verdict }) => verdict === 'succeeded',
    )
    return end.verdict === 'out-of-sight' ? await lost(attempt, end) : await ended(attempt, end)
  } catch (error) {
    if (tools.signal.aborted) return stop(attempt, observed)
    if (error instanceof Refused) {
      tools.pending.remove(order, 'ended with the step that had started it')
      throw error
    }
    await logError(work.log, error)
    if (error instanceof NotJudged) return await notJudged(attempt, error)
    tools.pending.remove(order, 'could not be followed and may still be running')
    return {
      verdict: 'failed',
      reason:
        `The training was started and could not be followed: ${messageOf(error)} ` +
        `It may still be running: ${attempt.run.url}`,
    }
  }
}

async function ended(attempt: Attempt, end: TrainingEnd): Promise<Ending> {
  const { work } = attempt
  work.facts.end = end
  if (mayQuote(work)) for (const warning of end.warnings ?? []) work.log.warning(warning)
  const compared = readCompareMetric(work.recipe.compareMetric ?? '')
  const unmeasured =
    end.verdict === 'succeeded' ? unmeasuredWarning(end.unmeasured ?? [], compared?.name) : null
  if (unmeasured !== null) work.log.warning(unmeasured)
  await attempt.ended(end, `had ended: ${end.verdict}`)
  const reason = mayQuote(work) ? end.reason : withoutLines(end, attempt.run.url)
  return { verdict: end.verdict, reason }
}

/** A run that is over, without a verdict: the next check does not wait for the deadline to judge it. */
async function notJudged(attempt: Attempt, { message }: NotJudged): Promise<Ending> {
  const { work, order } = attempt
  await attempt.isOver()
  work.tools.pending.remove(order, 'has ended, and the next check judges it')
  return {
    verdict: 'failed',
    reason: `${message} The training has ended and nothing runs any more: the next check judges it.`,
  }
}

/** A run that its provider does not show is assumed to run: nothing is closed, and every check asks again. */
async function lost(attempt: Attempt, { reason }: OutOfSight): Promise<Ending> {
  const { work, order } = attempt
  work.tools.pending.remove(order, 'is not shown by its provider and may still be running')
  await attempt.lost(reason)
  return { verdict: 'failed', reason }
}

async function follow(
  attempt: Attempt,
  { runLog, prefix, observed }: { runLog: RunLog; prefix: string; observed: Observed },
): Promise<TrainingEnd | OutOfSight> {
  const { work, trainer, order, run } = attempt
  if (trainer.follow === undefined) throw new Error(`the trainer ${trainer.name} cannot follow a run`)
  const show = openLog(attempt, { runLog, prefix })
  const report = reportProgress(work.tools.clock, { runLog, prefix })
  try {
    return await trainer.follow(order, run, {
      signal: work.tools.signal,
      step: work.steps.run,
      log: (line) => {
        observed.lines.push(line)
        if (observed.lines.length > tailLength) observed.lines.shift()
        show(line)
      },
      progress: (progress) => {
        observed.cost = progress.cost ?? observed.cost
        report(progress)
      },
    })
  } finally {
    runLog.closeGroup()
  }
}

/** What a training prints may show its data: it is not for a place that may not even name the dataset or the base model. */
function openLog(
  { work, run }: Attempt,
  { runLog, prefix }: { runLog: RunLog; prefix: string },
): (line: string) => void {
  if (mayQuote(work)) return (line) => runLog.output(`${prefix}${line}`)
  runLog.info(
    `${prefix}The dataset or the base model may be private and this log is not: the training's own log is at ${run.url}`,
  )
  return () => undefined
}

function withoutLines({ verdict }: TrainingEnd, url: string): string {
  return `The training ${verdict === 'succeeded' ? 'succeeded' : 'did not succeed'}: details are on its page, ${url}`
}

/** The verdict of a training that is under way and not followed. */
function started({ order, run }: Attempt): Ending {
  const revision = shortRevision(order.revision)
  return run.nextStep === null
    ? { verdict: 'started', reason: `The training of ${order.project} on ${revision} is under way.` }
    : { verdict: 'started', reason: `The retraining on ${revision} is prepared: ${run.nextStep}.` }
}

/** Cancelling the workflow stops the run first, and is recorded after. */
async function stop(attempt: Attempt, { lines, cost }: Observed): Promise<Ending> {
  const { work, trainer, order, run } = attempt
  try {
    await attempt.stop(AbortSignal.timeout(cancelWithinMs))
  } catch (error) {
    await logError(work.log, error)
    return {
      verdict: 'cancelled',
      reason:
        'The workflow was cancelled, but the training could not be stopped and may still be running and billed: ' +
        `stop it at ${run.url} (${messageOf(error)}).`,
    }
  }
  const found = await trainer.inspect?.(order, run, AbortSignal.timeout(lookWithinMs)).catch(() => null)
  const seen = found == null || found.verdict === 'out-of-sight' ? null : found
  // It ended by itself just before: a success that is recorded as cancelled would be paid for again.
  if (seen !== null && seen.verdict !== 'cancelled') return ended(attempt, seen)
  const end: TrainingEnd = {
    verdict: 'cancelled',
    reason: 'The workflow was cancelled, and the training with it.',
    cause: 'workflow',
    began: seen?.began ?? true,
    trainedMs: seen?.trainedMs ?? null,
    endedAt: seen?.endedAt ?? null,
    metrics: {},
    curve: [],
    logTail: lines,
    cost: seen?.cost ?? cost,
  }
  work.facts.end = end
  await attempt.ended(end, 'was stopped')
  return { verdict: end.verdict, reason: end.reason }
}

function reportProgress(clock: Clock, { runLog, prefix }: { runLog: RunLog; prefix: string }) {
  let last = { at: 0, news: '' }
  return (progress: TrainingProgress): void => {
    const { stage, epoch, epochs, elapsedMs, cost } = progress
    const news = `${stage} ${epoch === null ? '' : Math.floor(epoch)}`
    if (news === last.news && clock.now() - last.at < progressEveryMs) return
    last = { at: clock.now(), news }
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
