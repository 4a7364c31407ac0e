import { createRelay } from '../../../src/relay/relay.ts'
import { readSettings } from '../../../src/relay/settings/settings.ts'
import { names, type World } from '../../sandbox/world.ts'
import type { Sabotage } from '../faults/sabotage.ts'
import type { Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'
import type { Wires } from './wires.ts'

/** A relay that may be killed: then nothing that it would do any more reaches the outside. */
export interface MortalRelay {
  /** @returns whether the relay took the event */
  post(letter: { readonly id: string; readonly body: string }): Promise<boolean>
  /** Reconciles once; resolves too when the relay is killed. */
  reconcile(): Promise<void>
  kill(): void
}

/**
 * Starts the relay in this process, on simulated time.
 *
 * @param options.datasets what it watches
 */
export function startMortalRelay(options: {
  world: World
  wires: Wires
  timeline: Timeline
  random: Random
  datasets: readonly string[]
  sabotage: Sabotage | null
}): MortalRelay {
  const { world, wires, timeline, random, datasets, sabotage } = options
  let isDead = false
  let die = () => {}
  const death = new Promise<null>((resolve) => {
    die = () => resolve(null)
  })
  const relay = createRelay({
    settings: readSettings({
      WEBHOOK_SECRET: names.webhookSecret,
      GITHUB_TOKEN: names.relayToken,
      GITHUB_REPOSITORY: names.repository,
      GITHUB_API_URL: world.github.url,
      INPUT_DATASET: datasets.join(','),
      HF_ENDPOINT: world.hub.url,
      RECONCILE_EVERY: '15m',
    }),
    send: async (url, request) => {
      if (isDead) throw new Error('The relay is gone.')
      const isHidden = sabotage === 'entries' && url.includes('/matching-refs/auto-retrain/seen/')
      return isHidden ? { status: 200, headers: new Headers(), text: '[]' } : wires.send(url, request)
    },
    clock: timeline.clock,
    random: random.next,
    randomBytes: random.bytes,
    writeLine: () => {},
  })
  return {
    async post({ id, body }) {
      const headers = {
        'content-type': 'application/json',
        'x-webhook-secret': names.webhookSecret,
        'webhook-id': id,
      }
      const request = new Request('http://relay.example/webhook', { method: 'POST', headers, body })
      const response = await Promise.race([relay.fetch(request), death])
      return response?.ok ?? false
    },
    async reconcile() {
      await Promise.race([relay.reconcile(), death])
    },
    kill() {
      isDead = true
      die()
    },
  }
}
