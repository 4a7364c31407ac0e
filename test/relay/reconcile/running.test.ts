import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createReconcile } from '../../../src/relay/reconcile/reconcile.ts'
import { createSentHeads } from '../../../src/relay/reconcile/sent-heads.ts'
import { parseRoutes } from '../../../src/relay/settings/routes.ts'
import { hubEvent } from '../event.ts'
import { type HeldRelay, startHeldRelay } from './held-relay.ts'
import { dataset, otherDataset, otherRepository, repository, routes } from './sandbox.ts'
import { before, day, hour, minute } from './situation.ts'

const head = /\/api\/datasets\/acme\/digits\/revision/
const refs = /matching-refs/
const always = { times: Number.POSITIVE_INFINITY }
let relay: HeldRelay

beforeEach(async () => {
  relay = await startHeldRelay()
})

afterEach(() => relay.close())

/** Looks every five minutes. Resolves with the minutes, from the first look on, at which something was sent. */
async function lookFor(ms: number, { everyMs = 5 * minute } = {}): Promise<number[]> {
  const { clock, world } = relay
  const begun = clock.now()
  const sent: number[] = []
  for (; clock.now() - begun < ms; clock.advance(everyMs)) {
    const count = world.github.dispatches.length
    await relay.reconcile()
    if (world.github.dispatches.length > count) sent.push((clock.now() - begun) / minute)
  }
  return sent
}
const outcome = async () => (await relay.reconcile()).routes[0]?.outcome
const commit = (text: string) => relay.world.hub.commit(dataset, { files: { 'a.txt': text } })

describe('A relay that runs', () => {
  test('It asks GitHub once where it knows the entries, and again for those that are new.', async () => {
    const { world } = relay
    await world.write()
    await relay.reconcile()
    world.forget()
    await relay.reconcile()
    expect(world.calls('github')).toEqual([expect.stringContaining('matching-refs')])
    expect(world.calls('hub')).toHaveLength(1)
    world.forget()
    await world.write({ reason: 'Something else.' })
    await relay.reconcile()
    expect(world.calls('github')).toHaveLength(2)
  })

  test('A new head that nobody takes up is sent once it is two minutes old, and then hourly.', async () => {
    const { world } = relay
    await world.write()
    await relay.reconcile()
    commit('new')
    expect(await lookFor(3 * hour)).toEqual([5, 65, 125])
  })

  test('A commit with an old date is sent by the second reconcile once it is pushed, not a day later.', async () => {
    const { world, clock } = relay
    await world.write({ revision: before }, { at: clock.now() - day })
    await relay.reconcile()
    world.pass(-30 * day)
    commit('made a month ago')
    world.pass(30 * day)
    expect(await lookFor(20 * minute)).toEqual([5])
  })

  test('The same process does not send a head again within 30 minutes, whatever becomes due.', async () => {
    const { world, clock } = relay
    commit('new')
    clock.advance(3 * minute)
    expect(await outcome()).toBe('dispatched')
    await world.write({ again: new Date(clock.now() + minute).toISOString() })
    expect(await lookFor(40 * minute)).toEqual([30])
    expect(relay.lines.map(({ outcome: logged }) => logged)).toEqual(['dispatched', 'dispatched'])
  })

  test('A head that its own webhook sent is quiet too, and is sent after 30 minutes where nobody took it up.', async () => {
    const { world } = relay
    await world.write()
    await relay.reconcile()
    const { sha } = commit('new')
    const repo = { name: dataset, id: world.hub.repository(dataset).id, headSha: sha }
    const updatedRefs = [{ ref: 'refs/heads/main', oldSha: null, newSha: sha }]
    expect(await relay.deliver(hubEvent({ repo, updatedRefs }))).toBe(202)
    expect(await lookFor(40 * minute)).toEqual([30])
  })

  test('What GitHub did not accept is tried again by the next look, not an hour later.', async () => {
    const { world } = relay
    commit('new')
    world.github.fault({ path: /dispatches/, status: 404 })
    expect(await lookFor(2 * hour)).toEqual([10, 65])
  })

  test('A clock that is set back loses no turn and silences no head.', async () => {
    const { clock, world } = relay
    commit('new')
    clock.advance(day + 3 * minute)
    expect(await outcome()).toBe('dispatched')
    clock.advance(-day)
    await world.write({ again: new Date(clock.now() - minute).toISOString() })
    expect(await outcome()).toBe('dispatched')
  })

  test('A relay that has just started sends at once what is due: it may have been away for long.', async () => {
    await relay.reconcile()
    commit('new')
    relay.clock.advance(44 * minute)
    relay = relay.restarted()
    expect(await outcome()).toBe('dispatched')
    relay.clock.advance(20 * minute)
    expect(await outcome()).toBe('waiting')
  })

  test('Reconciles that are asked for at the same time are one.', async () => {
    relay.clock.advance(4 * minute)
    const [first, second] = await Promise.all([relay.reconcile(), relay.reconcile()])
    expect(second).toBe(first)
    expect(relay.world.github.dispatches).toHaveLength(1)
  })

  test('A dispatch beside a model that cannot be read is one an hour, and both are logged.', async () => {
    const { world } = relay
    const due = { again: new Date(relay.clock.now() - minute).toISOString() }
    await world.write({ ...due, models: [`acme/none@${'c'.repeat(40)}`] })
    expect(await lookFor(2 * hour)).toEqual([0, 60])
    expect(relay.lines).toMatchObject([
      { outcome: 'failed', id: expect.stringMatching(/^rec_/), reason: expect.stringMatching(/^The Hub: /) },
      { outcome: 'failed', id: expect.stringMatching(/^rec_/) },
    ])
  })

  test('An entry whose object a replica does not show yet is asked for again.', async () => {
    const { world, clock } = relay
    clock.advance(4 * minute)
    await world.write()
    world.github.fault({ path: /graphql/, status: 200, body: { data: { repository: { o0: null } } } })
    expect(await outcome()).toBe('dispatched')
    expect(await outcome()).toBe('nothing')
  })
})

describe('The log of a relay that runs', () => {
  test('A failure is said once until it changes, also where each answer has another id and time; so is its end.', async () => {
    const { world } = relay
    await world.write()
    const faults = [11, 22, 33].map((n) => {
      const headers = { 'x-github-request-id': `ABC${n}:DE`, 'retry-after': String(n * 60) }
      return world.github.fault({
        path: refs,
        status: 403,
        headers,
        body: { message: 'secondary rate limit' },
      })
    })
    for (const _fault of faults) expect(await outcome()).toBe('failed')
    world.github.fault({ path: refs, status: 404, body: { message: 'Not Found' } })
    await outcome()
    await outcome()
    await outcome()
    expect(relay.lines.map(({ level, message }) => [level, message])).toEqual([
      ['error', 'Reconcile failed'],
      ['error', 'Reconcile failed'],
      ['info', 'Reconcile nothing'],
    ])
  })

  test('That a private dataset needs HF_TOKEN is said once.', async () => {
    relay.world.hub.setPrivate(dataset, true)
    await lookFor(hour)
    expect(relay.lines).toMatchObject([
      {
        level: 'error',
        dataset,
        reason: expect.stringContaining('set HF_TOKEN to a token that can read it'),
      },
    ])
  })

  test('A rename is said once, at warn, and every dispatch with its id.', async () => {
    relay.world.hub.move(dataset, 'acme/numbers')
    relay.clock.advance(4 * minute)
    await relay.reconcile()
    await relay.reconcile()
    expect(relay.lines).toMatchObject([
      {
        level: 'warn',
        id: expect.stringMatching(/^rec_/),
        reason: expect.stringContaining('acme/digits is called acme/numbers now'),
      },
    ])
  })
})

describe('How long something has waited', () => {
  const unseen = async () => {
    const { text } = await relay.get('/metrics')
    return Number(/^auto_retrain_unseen_seconds (\S+)$/m.exec(text)?.[1])
  }

  test('It is 0 where nothing waits.', async () => {
    await relay.world.write()
    await relay.reconcile()
    expect(await unseen()).toBe(0)
  })

  test.each([
    ['the Hub', 'hub', head],
    ['GitHub', 'github', refs],
  ] as const)('It grows while a head waits and %s fails.', async (_what, server, path) => {
    const { world, clock } = relay
    await relay.reconcile()
    const waited = await unseen()
    world[server].fault({ ...always, path, status: 404 })
    clock.advance(10 * minute)
    await relay.reconcile()
    expect(await unseen()).toBe(waited + 600)
    clock.advance(minute)
    expect(await unseen()).toBe(waited + 660)
  })

  test('It counts a new head that GitHub did not let us compare.', async () => {
    const { world, clock } = relay
    await world.write()
    await relay.reconcile()
    world.github.fault({ ...always, path: refs, status: 404 })
    await relay.reconcile()
    expect(await unseen()).toBe(0)
    commit('new')
    await relay.reconcile()
    clock.advance(10 * minute)
    await relay.reconcile()
    expect(await unseen()).toBe(600)
  })

  test('It grows while the dataset moves on and nothing is taken up, and starts again once something is.', async () => {
    const { world, clock } = relay
    await world.write()
    for (let n = 0; n < 12; n += 1) {
      commit(`commit ${n}`)
      clock.advance(5 * minute)
      await relay.reconcile()
    }
    expect(await unseen()).toBe(58 * 60)
    await world.write()
    commit('after what was seen')
    clock.advance(5 * minute)
    await relay.reconcile()
    expect(await unseen()).toBe(180)
  })
})

test('In a day that nobody takes anything up, each head is sent once an hour and no more.', async () => {
  await relay.close()
  relay = await startHeldRelay(
    routes({ dataset, repository }, { dataset: otherDataset, repository: otherRepository }),
  )
  await lookFor(day, { everyMs: 20 * minute })
  expect(relay.world.github.dispatches.length).toBeLessThanOrEqual(2 * 25)
})

test('Where the Hub never answers, 100 routes fail within ten minutes, and no more are asked for than a Worker has connections.', async () => {
  const text = JSON.stringify(
    Array.from({ length: 100 }, (_, n) => ({ dataset: `acme/data-${n}`, repository })),
  )
  let asking = 0
  let most = 0
  const reconcile = createReconcile({
    routes: parseRoutes(text, 'hub-webhook'),
    heads: {
      async head() {
        asking += 1
        most = Math.max(most, asking)
        await new Promise(setImmediate)
        asking -= 1
        throw new Error('The Hub did not answer.')
      },
      headDate: async () => null,
    },
    readTags: async () => ({ outcome: 'read', tags: [] }),
    dispatch: async () => ({ outcome: 'accepted' }),
    sign: async () => '',
    clock: relay.clock,
    sentHeads: createSentHeads(relay.clock),
    hasHubToken: false,
    everyMs: null,
  })
  const { routes: reports } = await reconcile()
  expect(reports.map(({ outcome }) => outcome)).toEqual(Array(100).fill('failed'))
  const patienceSeconds = 25
  expect(Math.ceil(100 / most) * patienceSeconds).toBeLessThan(600)
  expect(most).toBeLessThanOrEqual(6)
})
