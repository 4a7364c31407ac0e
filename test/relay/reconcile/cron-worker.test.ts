import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startCronWorker } from './runtimes.ts'
import { dataset, type ReconcileSandbox, startReconcileSandbox } from './sandbox.ts'

let world: ReconcileSandbox
let worker: Awaited<ReturnType<typeof startCronWorker>>

beforeEach(async () => {
  world = await startReconcileSandbox()
  worker = await startCronWorker(world.environment())
})

afterEach(async () => {
  await worker.stop()
  await world.close()
})

describe('A Worker that gets several cron events', () => {
  test('It asks GitHub once where it knows the entries.', async () => {
    await world.write()
    expect(await worker.cron()).toBe(true)
    world.forget()
    expect(await worker.cron()).toBe(true)
    expect(world.calls('github')).toEqual([expect.stringContaining('matching-refs')])
    expect(world.calls('hub')).toHaveLength(1)
  })

  test('It does not send the same head again at once, also after a head that GitHub did not accept.', async () => {
    world.github.fault({ path: /dispatches/, status: 404 })
    expect(await worker.cron()).toBe(false)
    expect(await worker.cron()).toBe(true)
    expect(await worker.cron()).toBe(true)
    expect(world.github.dispatches).toHaveLength(1)
  })

  test('Its page and /readyz show the last one, and name no dataset.', async () => {
    world.hub.setPrivate(dataset, true)
    expect(await worker.cron()).toBe(false)
    const ready = await (await fetch(`${worker.url}/readyz`)).json()
    expect(ready).toMatchObject({ ready: true, reconcile: { routes: 1, failed: 1, dispatched: 0 } })
    const page = await (await fetch(worker.url)).text()
    expect(page).toContain('The last reconcile failed for 1 of 1 routes')
    expect(page).not.toContain(dataset)
    expect(await worker.stop()).toContain('set HF_TOKEN to a token that can read it')
  })
})
