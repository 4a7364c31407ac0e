import type {
  OutOfSight,
  Trainer,
  TrainingEnd,
  TrainingOrder,
  TrainingRun,
} from '../../../src/domain/training.ts'
import { NotStarted, UnclearStart } from '../../../src/domain/verdict.ts'
import type { Clock } from '../../../src/http/clock.ts'
import { pollUntil } from '../../../src/http/poll.ts'
import { editsIn } from '../actors/recipes.ts'
import type { Random } from '../random.ts'
import type { Tally } from '../tally.ts'
import { isAlive, type PaidStart, shows } from './books.ts'
import { drawEnd, drawHiding, drawListing, drawOrder, drawOutage, queueLimitMs, runMs } from './luck.ts'
import { drawModel, type RunModel } from './run-model.ts'

const second = 1000

/** How long a provider is asked for what it does not show. */
const unseenAfterMs = 60 * second
const askEveryMs = 5 * second

/** Credits last at least so long. */
const minOutageGapMs = 8 * 3_600_000

const perMinute = 0.01

/** A provider that remembers what it was paid for, its trainer, and what may befall it. */
export interface Provider {
  /** In the order in which they were paid. */
  readonly starts: readonly PaidStart[]
  readonly trainer: Trainer
  /** Ends every run that has hardware, and refuses orders for a while. */
  useUpCredits(): void
  /** Lets orders wait for hardware for a while. */
  useUpHardware(): void
}

interface Options {
  readonly random: Random
  readonly clock: Clock
  readonly tally: Tally
  /** Called when an order is refused. */
  readonly onRefusal: () => void
  /** Called when a run that was followed has ended. */
  readonly onFollowed: (id: string) => void
  /** Pushes what a training leaves, before its success shows. */
  readonly push: (model: RunModel) => void
}

/**
 * A provider of trainings and its trainer. It lists late, hides runs, loses answers and machines, and runs out of
 * credits and hardware, as Hugging Face Jobs do.
 */
export function createProvider(options: Options): Provider {
  const { random, clock, tally } = options
  const starts: PaidStart[] = []
  const byNonce = new Map<string, PaidStart>()
  const byId = new Map<string, PaidStart>()
  const outage = { creditsUntil: 0, hardwareUntil: 0 }
  const startedAt = clock.now()
  let outages = 0
  const draw = () => drawOutage(random.fork(`outage ${++outages}`))

  const take = (order: TrainingOrder, { isUnclear }: { isUnclear: boolean }): PaidStart => {
    const luck = random.fork(`run ${order.nonce}`)
    const at = clock.now()
    const beganAt = Math.max(at, outage.hardwareUntil)
    if (beganAt > at) tally.count('a run that had to wait for hardware')
    const { end, cause, afterMs } = drawEnd(luck, tally)
    const hidden = drawHiding(luck, tally)
    const id = `run-${starts.length + 1}`
    const drawn = { order, id, sinceMs: at - startedAt }
    const start: PaidStart = {
      id,
      recipe: order.recipe.autotrainProjectPrefix,
      revision: order.revision,
      nonce: order.nonce,
      key: order.key,
      knownEdits: editsIn(order.recipe),
      leaves: order.recipe.publishTo === null ? null : drawModel(random.fork(`model ${order.nonce}`), drawn),
      at,
      listedAt: at + drawListing(luck, tally, { isUnclear }),
      hidden: hidden && { from: at + hidden.from, to: at + hidden.to },
      beganAt,
      endsAt: beganAt + afterMs,
      end,
      cause,
    }
    starts.push(start)
    byNonce.set(start.nonce, start)
    byId.set(start.id, start)
    return start
  }
  return {
    starts,
    trainer: createTrainer({ ...options, byNonce, byId, take, outage, starts }),
    useUpCredits() {
      const now = clock.now()
      // A commit must be trained within six hours, outages included.
      if (now < outage.creditsUntil + minOutageGapMs) return
      outage.creditsUntil = now + draw()
      for (const start of starts.slice(-100)) {
        if (isAlive(start, now) && start.beganAt <= now) stop(start, now, 'infrastructure')
      }
    },
    useUpHardware() {
      outage.hardwareUntil = clock.now() + draw()
    },
  }
}

function stop(start: PaidStart, now: number, cause: 'infrastructure' | 'person'): void {
  Object.assign(start, { endsAt: now, cause, end: cause === 'person' ? 'cancelled' : 'failed' })
}

function createTrainer(
  options: Options & {
    starts: readonly PaidStart[]
    byNonce: ReadonlyMap<string, PaidStart>
    byId: ReadonlyMap<string, PaidStart>
    take: (order: TrainingOrder, options: { isUnclear: boolean }) => PaidStart
    outage: { readonly creditsUntil: number }
  },
): Trainer {
  const { clock, tally, random, byNonce, byId, starts, take, outage, onRefusal, onFollowed, push } = options
  const pushed = new Set<string>()
  const answer = (luck: Random) => clock.sleep(luck.between(200, 3000))

  const ended = (start: PaidStart): TrainingEnd => {
    const { id, leaves, end } = start
    if (end === 'succeeded' && leaves !== null && !pushed.has(id)) {
      pushed.add(id)
      push(leaves)
    }
    return endOf(start)
  }
  const find = async ({ nonce }: TrainingOrder): Promise<TrainingRun | null> => {
    await clock.sleep(300)
    const start = byNonce.get(nonce)
    return start !== undefined && shows(start, clock.now()).inList ? toRun(start) : null
  }
  /** What the provider's page of a run says now; null while it does not show it. */
  const look = (id: string): PaidStart | null => {
    const start = byId.get(id)
    if (start === undefined) return null
    const { byId: isShown, inList } = shows(start, clock.now())
    return isShown || inList ? start : null
  }
  const check = (id: string): TrainingEnd | 'unseen' | 'running' => {
    const start = look(id)
    const now = clock.now()
    if (start === null) return 'unseen'
    // The trainer cancels what waits too long.
    if (now >= start.at + queueLimitMs && start.beganAt > now && isAlive(start, now)) {
      tally.count('a run that never got hardware')
      stop(start, now, 'infrastructure')
    }
    return isAlive(start, now) ? 'running' : ended(start)
  }
  const inspect = async (id: string): Promise<TrainingEnd | OutOfSight | null> => {
    const seen = await pollUntil({
      everyMs: askEveryMs,
      giveUpAfterMs: unseenAfterMs,
      clock,
      check: async () => {
        await clock.sleep(300)
        const found = check(id)
        return found === 'unseen' ? null : found
      },
    })
    if (seen === null) return unseen
    return seen === 'running' ? null : seen
  }

  return {
    name: 'job',
    plan: async () => plan,
    start: async (order, { assertMayBegin, signal }) => {
      const luck = random.fork(`start ${order.nonce}`)
      await answer(luck)
      assertMayBegin()
      if (clock.now() < outage.creditsUntil) {
        tally.count('an order without credits')
        throw new NotStarted('The Hub did not start the Job (402): acme has no credits for Jobs.')
      }
      const fate = drawOrder(luck)
      if (fate === 'refused') {
        tally.count('an order that was refused')
        onRefusal()
        throw new NotStarted('The provider refused the order.')
      }
      const isUnclear = fate !== 'clear'
      if (isUnclear) tally.count(`an order ${fate}`)
      const start = fate === 'lost on the way there' ? null : take(order, { isUnclear })
      await answer(luck)
      if (start !== null && !isUnclear) return toRun(start)
      const giveUpAfterMs = signal.aborted ? 5 * second : unseenAfterMs
      const found = await pollUntil({ everyMs: askEveryMs, giveUpAfterMs, clock, check: () => find(order) })
      if (found !== null) return found
      throw new UnclearStart('The provider gave no clear answer and lists no run so far.')
    },
    find,
    list: async (order) => {
      await clock.sleep(300)
      const now = clock.now()
      return starts
        .filter(({ key, revision }) => key === order.key && revision === order.revision)
        .filter((start) => shows(start, now).inList)
        .map((start) => ({
          run: toRun(start),
          nonce: start.nonce,
          ledger: order.ledger,
          isLive: isAlive(start, now),
          createdAt: start.at,
        }))
    },
    follow: async (_order, { id }, { signal }) => {
      for (;;) {
        const found = await inspect(id)
        signal.throwIfAborted()
        if (found !== null) {
          onFollowed(id)
          return found
        }
        await clock.sleep(60 * second, signal)
      }
    },
    inspect: (_order, { id }) => inspect(id),
    judgeByModel: async (_order, { id }) => {
      const start = byId.get(id)
      // As the trainer of Jobs does: the provider may know a run that it does not show.
      if (start !== undefined && isAlive(start, clock.now())) stop(start, clock.now(), 'person')
      if (start?.end === 'succeeded') return { ...ended(start), cost: null }
      return { ...unknownEnd, reason: 'It was not shown until its deadline, and left no model.' }
    },
    cancel: async (_order, { id }) => {
      await clock.sleep(300)
      const start = byId.get(id)
      if (start === undefined || look(id) === null) throw new Error('The provider does not show the run.')
      if (isAlive(start, clock.now())) stop(start, clock.now(), 'person')
    },
  }
}

const plan = {
  summary: 'A simulated training',
  steps: [],
  readsOnlyHead: false,
  hardware: 't4-small',
  timeoutMs: runMs * 2,
  cost: { perMinute, max: 1 },
  checks: [],
}

const unseen: OutOfSight = {
  verdict: 'out-of-sight',
  reason: 'The provider does not show the run: it may still be running and billed.',
}

const unknownEnd: TrainingEnd = {
  verdict: 'failed',
  cause: 'infrastructure',
  began: true,
  trainedMs: null,
  endedAt: null,
  reason: '',
  metrics: {},
  curve: [],
  logTail: [],
  cost: null,
}

function endOf({ end, cause, beganAt, endsAt, leaves }: PaidStart): TrainingEnd {
  const trainedMs = Math.max(0, endsAt - beganAt)
  const began = trainedMs > 0
  const reason = end === 'succeeded' ? 'Trained.' : `It ${end} (${cause}).`
  const cost = (trainedMs / 60_000) * perMinute
  const metrics = end === 'succeeded' && leaves !== null ? leaves.metrics : {}
  return { ...unknownEnd, verdict: end, cause, began, trainedMs, endedAt: endsAt, reason, cost, metrics }
}

function toRun({ id }: PaidStart): TrainingRun {
  return { id, url: `https://provider.example/${id}`, nextStep: null }
}
