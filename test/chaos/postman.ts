import { Hono } from 'hono'
import { startServer } from '../sandbox/server.ts'
import { names, type RelayUnderTest, type World } from '../sandbox/world.ts'
import type { Random } from './random.ts'
import type { Tally } from './tally.ts'
import type { Timeline } from './timeline.ts'

const minute = 60_000
const hour = 60 * minute

interface Letter {
  readonly id: string
  readonly body: string
}

/**
 * Stands between the Hub's webhooks and the relay, and is a bad postman: loses, doubles, delays and replays
 * events, and kills the relay while it works. What the relay did not acknowledge is sent again later.
 */
export async function startPostman(options: {
  world: World
  startRelay: () => Promise<RelayUnderTest>
  timeline: Timeline
  random: Random
  tally: Tally
}) {
  const { world, startRelay, timeline, random, tally } = options
  let relay = await startRelay()

  const replaceRelay = async () => {
    const dead = relay
    await dead.stop('SIGKILL')
    relay = await startRelay()
  }

  const send = async (letter: Letter): Promise<boolean> => {
    const isKilled = random.chance(0.01)
    const fault = random.next()
    if (fault < 0.02) {
      tally.count('GitHub took the dispatch and reset the connection')
      world.github.fault({ method: 'POST', path: /\/dispatches$/, times: 1, reset: true, applied: true })
    } else if (fault < 0.04) {
      tally.count('GitHub answered a dispatch with 502')
      world.github.fault({ method: 'POST', path: /\/dispatches$/, times: 1, status: 502 })
    }
    const answer = fetch(`${relay.url}/webhook`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-webhook-secret': names.webhookSecret,
        'webhook-id': letter.id,
      },
      body: letter.body,
    }).then(
      ({ ok }) => ok,
      () => false,
    )
    if (!isKilled) return answer
    tally.count('the relay was killed while it worked')
    await replaceRelay()
    return answer
  }

  const deliver = (letter: Letter, at: number, tries = 1): void =>
    timeline.at(at, async () => {
      if ((await send(letter)) || tries > 5) return
      tally.count('the Hub sent again')
      deliver(letter, timeline.clock.now() + tries * 3 * minute, tries + 1)
    })

  const receive = (letter: Letter): void => {
    const now = timeline.clock.now()
    if (random.chance(0.1)) {
      tally.count('event lost')
      return
    }
    const isLate = random.chance(0.2)
    if (isLate) tally.count('event delayed')
    deliver(letter, now + (isLate ? random.between(1, 40) * minute : 0))
    if (random.chance(0.1)) {
      tally.count('event doubled')
      deliver(letter, now + (random.chance(0.5) ? 0 : random.between(0, 10) * minute))
    }
    if (random.chance(0.03)) {
      tally.count('event replayed')
      deliver(letter, now + random.between(1, 20) * hour)
    }
  }

  const app = new Hono().post('/', async (c) => {
    receive({ id: c.req.header('webhook-id') ?? '', body: await c.req.text() })
    return c.text('ok')
  })
  const server = await startServer({ app })
  return {
    url: server.url,
    async close() {
      await server.close()
      await relay.stop('SIGKILL')
    },
  }
}
