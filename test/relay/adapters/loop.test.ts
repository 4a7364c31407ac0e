import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { Clock } from '../../../src/http/clock.ts'
import { type Loop, startLoop } from '../../../src/relay/adapters/loop.ts'
import { startNodeRelay } from '../../../src/relay/adapters/node.ts'
import { until } from '../local-relay.ts'
import { type ReconcileSandbox, startReconcileSandbox } from '../reconcile/sandbox.ts'

const minute = 60_000

/** A clock on which each sleep lasts until the test ends it. */
function createSleeper() {
  const sleeps: { ms: number; end: () => void }[] = []
  const clock: Clock = {
    now: () => 0,
    timer: () => () => {},
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleeps.push({ ms, end: resolve })
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      }),
  }
  return { clock, sleeps }
}

describe('The loop', () => {
  function start({ random = 0.5, everyMs = 15 * minute } = {}) {
    const { clock, sleeps } = createSleeper()
    const works: (() => void)[] = []
    const work = () => new Promise<void>((resolve) => works.push(resolve))
    const loop: Loop = startLoop({ work, everyMs, clock, random: () => random })
    return { loop, sleeps, works }
  }

  test.each([
    [0, 0, 13.5 * minute],
    [0.5, 5000, 15 * minute],
    [1, 10_000, 16.5 * minute],
  ])('With the random number %s it starts after %s ms, and again %s ms after each end.', async (...row) => {
    const [random, first, next] = row
    const { sleeps, works } = start({ random })
    expect(sleeps.map(({ ms }) => ms)).toEqual([first])
    sleeps[0]?.end()
    await nextTurn()
    expect(works).toHaveLength(1)
    expect(sleeps).toHaveLength(1)
    works[0]?.()
    await nextTurn()
    expect(sleeps.at(1)?.ms).toBeCloseTo(next, 3)
    expect(works).toHaveLength(1)
  })

  test('Stopped while it waits, it ends at once and works no more.', async () => {
    const { loop, works } = start()
    await loop.stop()
    expect(works).toHaveLength(0)
  })

  test('Stopped while it works, it ends when the work has, and works no more.', async () => {
    const { loop, sleeps, works } = start()
    sleeps[0]?.end()
    await nextTurn()
    let hasStopped = false
    const stopped = loop.stop().then(() => {
      hasStopped = true
    })
    await nextTurn()
    expect(hasStopped).toBe(false)
    works[0]?.()
    await stopped
    expect(works).toHaveLength(1)
  })
})

describe('A relay on Node with RECONCILE_EVERY', () => {
  let world: ReconcileSandbox | undefined

  afterEach(async () => {
    await world?.close()
    world = undefined
  })

  async function start(change = {}) {
    world ??= await startReconcileSandbox()
    const lines: string[] = []
    const env = world.environment({ RECONCILE_EVERY: '1h', ...change })
    const relay = await startNodeRelay({ env, random: () => 0, writeLine: (line) => lines.push(line) })
    return { relay, lines, world }
  }

  test('It looks soon after the start, and a shutdown in the middle of it waits for its end and its line.', async () => {
    world = await startReconcileSandbox()
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    world.github.fault({ path: /matching-refs/, until: held })
    world.hub.move('acme/digits', 'acme/numbers')
    const { relay, lines } = await start()
    await until(() => world?.github.requests.length === 1)
    let isDrained = false
    const drained = relay.drain().then(() => {
      isDrained = true
    })
    await nextTurn()
    expect(isDrained).toBe(false)
    release()
    await drained
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('acme/digits is called acme/numbers now')
  })

  test('Without RECONCILE_EVERY it asks the Hub nothing.', async () => {
    const { relay, world: asked } = await start({ RECONCILE_EVERY: undefined })
    expect(relay.reconcileEveryMs).toBeNull()
    await relay.drain()
    expect(asked.calls('hub')).toEqual([])
  })

  test('Where no route names a dataset it does not start, and says what to set.', async () => {
    await expect(start({ INPUT_DATASET: undefined })).rejects.toThrow(
      'RECONCILE_EVERY needs datasets by their full names: set INPUT_DATASET to namespace/name, or name them in RELAY_ROUTES.',
    )
  })
})
