import type { Readable } from 'node:stream'
import { Miniflare } from 'miniflare'
import type { Environment } from '../../src/relay/settings/settings.ts'
import { bundleWorker } from './adapters/worker-bundle.ts'
import { startRelayProcess } from './program.ts'

/** A relay running on its real platform. */
export interface RunningRelay {
  readonly url: string
  stop(): Promise<void>
}

/** Every platform that the contract tests cover. */
export const adapters: [name: string, start: (env: Environment) => Promise<RunningRelay>][] = [
  ['Node', startOnNode],
  ['Cloudflare Workers', startOnWorkerd],
]

async function startOnNode(env: Environment): Promise<RunningRelay> {
  const { url, kill, ended } = await startRelayProcess(env)
  return {
    url,
    async stop() {
      kill('SIGTERM')
      await ended
    },
  }
}

/** Starts the relay in workerd, the runtime of Cloudflare Workers. */
export async function startOnWorkerd(env: Environment): Promise<RunningRelay> {
  const miniflare = new Miniflare({
    modules: true,
    script: await bundleWorker(),
    compatibilityDate: '2026-04-01',
    bindings: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >,
    host: '127.0.0.1',
    port: 0,
    cf: false,
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      stdout.resume()
      stderr.resume()
    },
  })
  const url = await miniflare.ready
  return { url: url.origin, stop: () => miniflare.dispose() }
}
