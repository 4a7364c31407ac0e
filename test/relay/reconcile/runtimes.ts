import type { Readable } from 'node:stream'
import { Miniflare } from 'miniflare'
import type { Environment } from '../../../src/relay/settings/settings.ts'
import { bundleWorker } from '../adapters/worker-bundle.ts'
import { startRelayProcess } from '../program.ts'

/** One reconcile in a real runtime. */
interface Reconciled {
  /** Whether the runtime reports success: exit code 0, or a cron event that did not fail. */
  readonly isGood: boolean
  /** Everything that was printed. */
  readonly printed: string
}

/** The runtimes in which a reconcile can be started once, each in a new process. */
export const runtimes: [name: string, reconcile: (env: Environment) => Promise<Reconciled>][] = [
  ['Node', reconcileOnNode],
  ['Cloudflare Workers', reconcileOnWorkerd],
]

async function reconcileOnNode(env: Environment): Promise<Reconciled> {
  const { ended, stdout, stderr } = await startRelayProcess(env, ['reconcile'])
  const code = await ended
  return { isGood: code === 0, printed: stdout() + stderr() }
}

let bundle: Promise<string> | undefined

async function reconcileOnWorkerd(env: Environment): Promise<Reconciled> {
  const worker = await startCronWorker(env)
  const isGood = await worker.cron()
  return { isGood, printed: await worker.stop() }
}

/** https://developers.cloudflare.com/workers/runtime-apis/handlers/scheduled/ */
interface Scheduled {
  scheduled(event: { cron: string }): Promise<{ outcome: string }>
}

/** A Worker that a test sends cron events to. */
interface CronWorker {
  readonly url: string
  /** Sends one cron event. Resolves with whether it did not fail. */
  cron(): Promise<boolean>
  /** Ends the runtime, and resolves with everything that it printed. May be called twice. */
  stop(): Promise<string>
}

/** Starts the Worker in workerd. */
export async function startCronWorker(env: Environment): Promise<CronWorker> {
  bundle ??= bundleWorker()
  let printed = ''
  let disposed: Promise<void> | undefined
  const collect = (stream: Readable) => {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  }
  const bindings = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  const miniflare = new Miniflare({
    modules: true,
    script: await bundle,
    compatibilityDate: '2026-04-01',
    bindings: Object.fromEntries(bindings),
    host: '127.0.0.1',
    port: 0,
    cf: false,
    handleRuntimeStdio(stdout: Readable, stderr: Readable) {
      collect(stdout)
      collect(stderr)
    },
  })
  const { origin } = await miniflare.ready
  return {
    url: origin,
    async cron() {
      const worker = await miniflare.getWorker()
      // The types of Miniflare know only `fetch`.
      const { outcome } = await (worker as unknown as Scheduled).scheduled({ cron: '*/15 * * * *' })
      return outcome === 'ok'
    },
    async stop() {
      disposed ??= miniflare.dispose()
      await disposed
      return printed
    },
  }
}
