import { messageOf } from '../../domain/error-message.ts'
import type { ListedRun, Trainer, TrainingEnd, TrainingOrder, TrainingRun } from '../../domain/training.ts'
import { NotStarted, Skipped, UnclearStart } from '../../domain/verdict.ts'
import type { Draft } from '../../ledger/claim.ts'
import { mayStart } from '../../ledger/decide.ts'
import { type Entry, LaggingReplica, TakenOver } from '../../ledger/entry.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import { hasEnded, type RecordFacts, type RecordState } from '../../ledger/record.ts'
import { mayBecome } from '../../ledger/transitions.ts'
import type { PendingTraining } from '../close/pending.ts'
import { MayBeRunning } from '../errors.ts'
import { mayQuote } from '../log/quoting.ts'
import type { Planned } from '../plan/plan.ts'
import { mayNameDataset, type Work } from '../work.ts'
import { draftOptions, notClaimed } from './claim-facts.ts'
import { findUnrecorded } from './find-unrecorded.ts'
import {
  checkSameData,
  type Judged,
  notOurs,
  recordEndedRuns,
  stillStopping,
  stopWithinMs,
} from './other-runs.ts'
import { endFacts, orderOf, runOf, trainerOf } from './record-order.ts'

/**
 * One attempt that this workflow run owns: the claim, its record, and the run that the provider makes of it. It is the
 * one place that moves the record of an attempt which is followed; docs/ledger.md has the table.
 */
export class Attempt {
  readonly work: Work
  readonly ledger: RecipeLedger
  readonly trainer: Trainer
  readonly order: TrainingOrder
  /** What the check has judged: the attempt that it compared the data with, and the one that it takes over. */
  readonly #judged: Judged
  #entry: Entry
  #run: TrainingRun | null

  private constructor(options: {
    work: Work
    ledger: RecipeLedger
    trainer: Trainer
    order: TrainingOrder
    entry: Entry
    run: TrainingRun | null
    judged?: Judged
  }) {
    this.work = options.work
    this.ledger = options.ledger
    this.trainer = options.trainer
    this.order = options.order
    this.#judged = options.judged ?? { base: null, abandoned: null }
    this.#entry = options.entry
    this.#run = options.run
  }

  /** The record, as this workflow run last read or wrote it. */
  get entry(): Entry {
    return this.#entry
  }

  /** The provider's run; there is one once the attempt was ordered or adopted. */
  get run(): TrainingRun {
    if (this.#run === null) throw new Error('This attempt has no run yet.')
    return this.#run
  }

  /**
   * Writes the record of what was planned, which claims nothing yet.
   *
   * @throws Refused when the ledger cannot be written
   */
  static draft(work: Work, planned: Planned): Promise<Draft> {
    return planned.checked.ledger.draft(draftOptions(work, planned))
  }

  /**
   * Claims what was planned: whoever does not get the claim starts nothing.
   *
   * @param draft its record, where it is written already
   * @throws Skipped when another workflow run has it, the day's runs are used up, or another trains the same data;
   *   Refused when another recipe trains a model of that name
   */
  static async claim(work: Work, planned: Planned, draft: Draft | null): Promise<Attempt> {
    const { checked, trainer, project } = planned
    const { ledger } = checked
    const { maxRunsPerDay } = work.recipe
    const claimed = await ledger.claim({ ...draftOptions(work, planned), draft, maxRunsPerDay })
    if (claimed.is !== 'ours') throw notClaimed(work, claimed, project)
    const { entry } = claimed
    const order = { ...orderOf(work, entry.record), project }
    return new Attempt({ work, ledger, trainer, order, entry, run: null, judged: checked.next })
  }

  /** Takes on a run that exists already: of an earlier attempt of this workflow run, or of an owner that died. */
  static async adopt(work: Work, ledger: RecipeLedger, entry: Entry): Promise<Attempt | null> {
    const trainer = trainerOf(work, entry)
    const order = orderOf(work, entry.record)
    const run = runOf(entry.record, trainer) ?? (await findUnrecorded(work, { trainer, order, entry }))
    if (run === null) return null
    const attempt = new Attempt({ work, ledger, trainer, order, entry, run })
    if (entry.record.run === null) {
      await attempt.#save('started', { run: { id: run.id, url: run.url }, began: true })
    }
    attempt.#note()
    work.log.info(`Following the run that exists already: ${run.url}`)
    return attempt
  }

  /**
   * Orders the run: checks once more that no other run of this revision exists, sends the order, and records it.
   *
   * @returns this attempt, or the older one whose run was found and is followed instead
   * @throws Skipped when another trains the same; NotStarted when it certainly never began; UnclearStart when the
   *   provider's answer leaves that open
   */
  async send(): Promise<Attempt> {
    try {
      const [others, before] = await Promise.all([
        this.#otherRuns(),
        this.ledger.recentBefore(this.#entry),
        this.trainer.confirm?.(this.order, this.work.tools.signal),
      ])
      const older = others.find(({ isLive }) => isLive)
      if (older !== undefined) return await this.#yieldTo(older)
      await recordEndedRuns(this.work, this.ledger, others)
      checkSameData(this.work, before, { entry: this.#entry, judged: this.#judged })
      this.#note()
    } catch (error) {
      await this.release()
      throw error
    }
    await this.#order()
    if (this.#entry.record.attempt === 1) return this
    const others = await this.#otherRuns().catch(() => [])
    const older = others.find(({ isLive }) => isLive)
    return older === undefined ? this : this.#stopFor(older)
  }

  /** Deletes the claim of an order that was certainly never sent, or closes it where another may take over by now. */
  async release(): Promise<void> {
    this.work.tools.pending.remove(this.order, 'was not started')
    const isGone = await this.ledger.release(this.#entry).catch(() => false)
    if (isGone) return
    const isCancelled = this.work.tools.signal.aborted
    await this.#save(isCancelled ? 'cancelled' : 'failed', {
      began: false,
      cause: isCancelled ? 'workflow' : 'infrastructure',
      reason: 'The order was never sent.',
      cost: 0,
    }).catch((error: unknown) => this.#warn(error))
  }

  /**
   * Records how the run ended. What happened has happened: an end that cannot be written now is left to the end of the
   * job, which knows it, and to a later check.
   *
   * @param how what became of it, for the end of the job: ends the sentence "The training ..."
   */
  async ended(end: TrainingEnd, how: string): Promise<void> {
    const { pending } = this.work.tools
    const facts = endFacts(end, { isNamed: mayQuote(this.work), run: this.#run })
    const isSaved = await this.#record(end.verdict, facts)
    // Not before: when the runner ends the step in between, the end of the job records it.
    if (isSaved) pending.remove(this.order, how)
    else pending.add({ ...this.#pending(), ended: { verdict: end.verdict, facts } })
  }

  /** Records that the provider does not show the run any more. */
  async lost(reason: string): Promise<void> {
    if (this.#entry.record.state === 'out-of-sight') return
    await this.#record('out-of-sight', { reason: mayQuote(this.work) ? reason : null })
  }

  /** Records that nothing runs any more, although how it ended is not known: the next check judges it. */
  async isOver(): Promise<void> {
    await this.#record('started', { deadline: new Date(this.work.tools.clock.now()).toISOString() })
  }

  /** Records the discussion about it, where the ledger may name the dataset. */
  async discussed(discussionUrl: string | null): Promise<void> {
    if (discussionUrl === null || !mayNameDataset(this.work)) return
    this.#entry = { ...this.#entry, record: { ...this.#entry.record, discussionUrl } }
  }

  /**
   * Stops the run at its provider.
   *
   * @throws Error when it may still be running
   */
  async stop(signal: AbortSignal): Promise<void> {
    if (this.trainer.cancel === undefined) {
      throw new Error(`the trainer ${this.trainer.name} cannot stop a run`)
    }
    await this.trainer.cancel(this.order, this.run, signal)
  }

  /** Notes it for the end of the job, with the run as soon as it is known. */
  #note(): void {
    this.work.tools.pending.add(this.#pending())
  }

  #pending(): PendingTraining {
    const { order, trainer } = this
    const process = this.#run === null ? null : (trainer.processOf?.(this.#run) ?? null)
    return { order, run: this.#run, process, claim: this.#entry.ref, ended: null }
  }

  async #order(): Promise<void> {
    const { work, trainer } = this
    const { tools, steps, log } = work
    // A run that could not be found again is recorded before it begins, so that none is ever unaccounted for.
    if (trainer.find === undefined) await this.#saveBeforehand()
    const claim = this.#entry
    let run: TrainingRun
    try {
      run = await trainer.start(this.order, {
        signal: tools.signal,
        assertMayBegin: () => this.#assertMayBegin(claim),
        step: steps.run,
        log: (line) => log.debug(line),
        progress: () => undefined,
      })
    } catch (error) {
      throw await this.#startFailed(error)
    }
    this.#run = run
    work.facts.run = run
    this.#note()
    await this.#recordStart(run)
  }

  async #saveBeforehand(): Promise<void> {
    try {
      await this.#save('started', { began: true })
    } catch (error) {
      await this.release()
      throw error
    }
  }

  async #recordStart(run: TrainingRun): Promise<void> {
    const { work } = this
    const isNamed = mayQuote(work) || !run.url.includes(work.recipe.inputDataset)
    const { data } = this.#entry.record
    const { rows } = work.known
    try {
      await this.#save('started', {
        run: { id: run.id, url: isNamed ? run.url : null },
        began: true,
        // They were counted while the claim was written.
        ...(data !== null && rows !== null && { data: { ...data, rows } }),
      })
    } catch (error) {
      if (error instanceof TakenOver) await this.#stopTakenOver()
      this.#warn(error)
    }
  }

  /** Sorts what a start threw: certainly never began, or unclear. */
  async #startFailed(error: unknown): Promise<unknown> {
    const { work, trainer } = this
    if (error instanceof NotStarted) {
      if (trainer.find === undefined) await this.#closeUnstarted(error)
      else await this.release()
      return error
    }
    const message = messageOf(error)
    if (trainer.find === undefined) {
      const reason = mayQuote(work) ? message : null
      await this.#record('failed', { began: true, cause: 'infrastructure', reason })
      return new MayBeRunning(message, { cause: error })
    }
    await this.#record('claimed', {
      orderedAt: new Date(work.tools.clock.now()).toISOString(),
      reason: mayQuote(work) ? message : null,
    })
    // A cancelled workflow wants it stopped: the end of the job looks for it. Else a later check adopts it.
    if (!work.tools.signal.aborted) work.tools.pending.remove(this.order, 'may have been started')
    return error instanceof UnclearStart ? error : new MayBeRunning(message, { cause: error })
  }

  /** A command or a project that certainly never began, recorded as started beforehand. */
  async #closeUnstarted(error: NotStarted): Promise<void> {
    const { work } = this
    work.tools.pending.remove(this.order, 'was not started')
    const reason = mayQuote(work) ? error.message : null
    await this.#record('failed', { began: false, cause: 'infrastructure', reason, cost: 0 })
  }

  #assertMayBegin({ record }: Entry): void {
    const { signal, clock } = this.work.tools
    if (signal.aborted) throw new NotStarted('The workflow was cancelled before anything was started.')
    const claimed = { ...record, state: 'claimed' as const }
    if (mayStart(claimed, clock.now())) return
    throw new NotStarted('Too much time passed between the claim and the order: the next check tries again.')
  }

  /** The runs of this recipe and revision that other attempts, or other ledgers, started, oldest first. */
  async #otherRuns(): Promise<ListedRun[]> {
    const runs = (await this.trainer.list?.(this.order, this.work.tools.signal)) ?? []
    return runs.filter(({ nonce }) => nonce !== this.order.nonce)
  }

  /** Gives way to an older run before anything was ordered. */
  async #yieldTo(older: ListedRun): Promise<Attempt> {
    const entry = await this.#recordOf(older)
    await this.release()
    if (entry === null) {
      throw notOurs(this.work, { order: this.order, older })
    }
    if (hasEnded(entry.record) && !mayBecome(entry.record, 'started')) {
      throw await stillStopping(this.work, entry, older)
    }
    return this.#adoptOlder(entry, older)
  }

  /** An older run of ours turned up after this one was ordered: it wins, and this one is stopped. */
  async #stopFor(older: ListedRun): Promise<Attempt> {
    const entry = await this.#recordOf(older)
    if (entry === null || (hasEnded(entry.record) && !mayBecome(entry.record, 'started'))) return this
    await this.#stopNow()
    this.work.tools.pending.remove(this.order, 'was stopped, because an earlier run of its revision goes on')
    await this.#record('cancelled', {
      began: true,
      cause: 'infrastructure',
      gaveWay: true,
      reason: 'An earlier run of this revision was still running, and goes on.',
    })
    return this.#adoptOlder(entry, older)
  }

  async #adoptOlder(entry: Entry, { run }: ListedRun): Promise<Attempt> {
    const { work, ledger } = this
    const trainer = trainerOf(work, entry)
    const attempt = new Attempt({ work, ledger, trainer, order: orderOf(work, entry.record), entry, run })
    if (entry.record.state !== 'started') {
      await attempt
        .#save('started', { run: { id: run.id, url: run.url }, ...(!entry.record.began && { began: true }) })
        .catch((error: unknown) => this.#warn(error))
    }
    Object.assign(work.facts, { run, project: entry.record.project, attempt: entry.record.attempt })
    attempt.#note()
    work.log.info(`Following the earlier run: ${run.url}`)
    return attempt
  }

  /** The record of a run that the provider lists: of our ledger, by its nonce; null for another ledger's. */
  async #recordOf({ nonce, ledger }: ListedRun): Promise<Entry | null> {
    const known = (await this.ledger.recent()).find(({ record }) => record.nonce === nonce)
    if (known !== undefined) return known
    if (ledger !== null && ledger !== this.order.ledger) return null
    return (await this.ledger.recentBefore(this.#entry)).find(({ record }) => record.nonce === nonce) ?? null
  }

  /** Another workflow run took the claim over while the start was under way: two runs for one revision must not be. */
  async #stopTakenOver(): Promise<never> {
    await this.#stopNow()
    this.work.tools.pending.remove(
      this.order,
      'was stopped, because another workflow run took its revision over',
    )
    throw new Skipped(
      'Another workflow run took this revision over; the run that was started here was stopped.',
    )
  }

  async #stopNow(): Promise<void> {
    await this.trainer
      .cancel?.(this.order, this.run, AbortSignal.timeout(stopWithinMs))
      .catch((cause: unknown) => {
        throw new MayBeRunning(messageOf(cause), { cause })
      })
  }

  async #save(to: RecordState, facts: RecordFacts): Promise<void> {
    this.#entry = await this.ledger.save(this.#entry, to, facts)
  }

  /** Saves what a later check could find out as well: a failure to do so is a warning. Returns whether it is saved. */
  async #record(to: RecordState, facts: RecordFacts): Promise<boolean> {
    try {
      await this.#save(to, facts)
      return true
    } catch (error) {
      if (error instanceof TakenOver && hasEnded(error.current.record)) return true
      this.#warn(error)
      return false
    }
  }

  #warn(error: unknown): void {
    const cause = error instanceof LaggingReplica ? error.message : messageOf(error)
    this.work.log.warning(`The ledger could not be updated (${cause}): the next check does it.`)
  }
}
