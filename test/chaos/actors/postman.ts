import { setImmediate } from 'node:timers/promises'
import { Hono } from 'hono'
import type { FaultHandle } from '../../sandbox/faults.ts'
import { startServer } from '../../sandbox/server.ts'
import type { World } from '../../sandbox/world.ts'
import type { Random } from '../random.ts'
import type { Tally } from '../tally.ts'
import type { Timeline } from '../timeline.ts'
import type { MortalRelay } from './relay.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** The Hub does not send for ever: https://huggingface.co/docs/hub/webhooks */
const maxTries = 5

interface Letter {
  readonly id: string
  readonly body: string
  readonly luck: Random
}

/**
 * Stands between the Hub's webhooks and the relay, and is a bad postman: loses, doubles, delays and replays
 * events, and kills the relay while it works. What the relay did not acknowledge is sent again later.
 */
export async function startPostman(options: {
  world: World
  startRelay: () => MortalRelay
  timeline: Timeline
  random: Random
  tally: Tally
}) {
  const { world, startRelay, timeline, random, tally } = options
  let relay = startRelay()

  const post = (letter: Letter): Promise<boolean> => relay.post(letter)

  const postAndKill = async (letter: Letter): Promise<boolean> => {
    const applied = letter.luck.chance(0.5)
    const hanging = world.github.fault({ ...dispatches, hang: true, applied })
    const answer = post(letter)
    const isAnswered = answer.then(() => true)
    while (hanging.hits === 0 && !(await Promise.race([isAnswered, setImmediate(false)])));
    tally.count(hanging.hits > 0 ? 'the relay was killed while it worked' : 'the relay was killed')
    hanging.lift()
    relay.kill()
    relay = startRelay()
    return answer
  }

  const reconcileAndKill = async (luck: Random): Promise<void> => {
    const where = luck.chance(0.5) ? dispatches : entries
    const hanging = world.github.fault({ ...where, hang: true, applied: luck.chance(0.5) })
    const isOver = relay.reconcile().then(() => true)
    while (hanging.hits === 0 && !(await Promise.race([isOver, setImmediate(false)])));
    tally.count('the relay was killed while it reconciled')
    hanging.lift()
    relay.kill()
    relay = startRelay()
  }

  const send = async (letter: Letter): Promise<boolean> => {
    if (letter.luck.chance(0.01)) return postAndKill(letter)
    const fault = spoil(letter.luck)
    const isTaken = await post(letter)
    fault?.lift()
    return isTaken
  }

  const spoil = (luck: Random): FaultHandle | null => {
    const fault = luck.next()
    if (fault < 0.02) {
      tally.count('GitHub took the dispatch and reset the connection')
      return world.github.fault({ ...dispatches, reset: true, applied: true })
    }
    if (fault > 0.04) return null
    tally.count('GitHub answered a dispatch with 502')
    return world.github.fault({ ...dispatches, status: 502 })
  }

  const deliver = (letter: Letter, at: number, tries = 1): void =>
    timeline.at(at, async () => {
      if ((await send(letter)) || tries > maxTries) return
      tally.count('the Hub sent again')
      deliver(letter, timeline.clock.now() + tries * 3 * minute, tries + 1)
    })

  const receive = (letter: Letter): void => {
    const now = timeline.clock.now() + letter.luck.between(50, 2000)
    if (letter.luck.chance(0.1)) {
      tally.count('event lost')
      return
    }
    const isLate = letter.luck.chance(0.2)
    if (isLate) tally.count('event delayed')
    deliver(letter, now + (isLate ? letter.luck.between(1, 40) * minute : 0))
    if (letter.luck.chance(0.1)) {
      tally.count('event doubled')
      deliver(letter, now + (letter.luck.chance(0.5) ? 0 : letter.luck.between(1, 600) * second))
    }
    if (letter.luck.chance(0.03)) {
      tally.count('event replayed')
      deliver(letter, now + letter.luck.between(1, 20) * hour)
    }
  }

  let letters = 0
  const app = new Hono().post('/', async (c) => {
    letters += 1
    const luck = random.fork(`letter ${letters}`)
    receive({ id: c.req.header('webhook-id') ?? '', body: await c.req.text(), luck })
    return c.text('ok')
  })
  const server = await startServer({ app })
  return {
    url: server.url,
    /** Forgets the requests it saw. */
    forget() {
      server.requests.length = 0
    },
    /** Lets the relay reconcile; it may die meanwhile, and what it asks may fail. */
    async reconcile(luck: Random): Promise<void> {
      tally.count('the relay reconciled')
      if (luck.chance(0.03)) return reconcileAndKill(luck)
      const faults = [
        ...(luck.chance(0.04) ? [world.hub.fault({ ...heads, times: luck.between(1, 5), status: 500 })] : []),
        ...(luck.chance(0.04)
          ? [world.github.fault({ ...entries, times: luck.between(1, 5), status: 502 })]
          : []),
      ]
      if (faults.length > 0) tally.count('an answer to the relay that reconciled: 5xx')
      await relay.reconcile()
      for (const fault of faults) fault.lift()
    },
    /** Starts the relay again: with the settings of now. */
    restartRelay() {
      relay.kill()
      relay = startRelay()
    },
    close: () => server.close(),
  }
}

const dispatches = { method: 'POST', path: /\/dispatches$/ } as const
const entries = { path: /\/matching-refs\/auto-retrain\/seen\/|\/graphql$/ } as const
const heads = { path: /\/api\/datasets\/[^/]+\/[^/]+\/revision\// } as const
