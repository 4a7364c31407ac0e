import { randomBytes } from 'node:crypto'
import { createNodeSend } from '../../../src/http/node-fetch.ts'
import { createRelay, type Relay } from '../../../src/relay/relay.ts'
import { type Environment, readSettings } from '../../../src/relay/settings/settings.ts'
import { createFakeClock, type FakeClock } from '../../http/fake-clock.ts'
import { type ReconcileSandbox, secret, startReconcileSandbox } from './sandbox.ts'
import { start } from './situation.ts'

/** A relay in this process on a clock that tests move, with a Hub and a GitHub on the same clock. */
export interface HeldRelay extends Relay {
  readonly world: ReconcileSandbox
  readonly clock: FakeClock
  /** Every log line so far, parsed. */
  readonly lines: Record<string, unknown>[]
  /** Another relay for the same Hub and GitHub: a process that has just started. */
  restarted(change?: Environment): HeldRelay
  /** Answers `GET` of a path. */
  get(path: string, headers?: Record<string, string>): Promise<{ status: number; text: string }>
  /** Delivers an event of the Hub. Resolves with the status. */
  deliver(event: object): Promise<number>
  close(): Promise<void>
}

/** Starts them. The datasets are an hour old, and nothing of them was seen. */
export async function startHeldRelay(change: Environment = {}): Promise<HeldRelay> {
  const clock = createFakeClock(start)
  const world = await startReconcileSandbox({ now: clock.now })
  return openRelay({ world, clock, change: { RECONCILE_EVERY: '5m', ...change } })
}

function openRelay(options: { world: ReconcileSandbox; clock: FakeClock; change: Environment }): HeldRelay {
  const { world, clock, change } = options
  const lines: Record<string, unknown>[] = []
  const relay = createRelay({
    settings: readSettings(world.environment(change)),
    send: createNodeSend(),
    clock,
    random: () => 0.5,
    randomBytes,
    writeLine: (line) => lines.push(JSON.parse(line)),
  })
  return {
    ...relay,
    world,
    clock,
    lines,
    restarted: (more = {}) => openRelay({ world, clock, change: { ...change, ...more } }),
    async get(path, headers = {}) {
      const response = await relay.fetch(new Request(`http://relay.example${path}`, { headers }))
      return { status: response.status, text: await response.text() }
    },
    async deliver(event) {
      const headers = { 'content-type': 'application/json', 'x-webhook-secret': secret }
      const body = JSON.stringify(event)
      const request = new Request('http://relay.example/webhook', { method: 'POST', headers, body })
      return (await relay.fetch(request)).status
    },
    close: world.close,
  }
}
