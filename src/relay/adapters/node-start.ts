import { reconcileOnce, startNodeRelay } from './node.ts'
import { startMessage } from './start-message.ts'

const usage = 'usage: node dist/relay/index.js [reconcile]'

try {
  const [command, ...more] = process.argv.slice(2)
  if (command === undefined) await serve()
  else if (command === 'reconcile' && more.length === 0) await reconcile()
  else throw new Error(usage)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function serve(): Promise<void> {
  const relay = await startNodeRelay({ env: process.env, writeLine: console.log })
  console.log(startMessage(relay).join('\n'))
  const stop = async () => {
    await relay.drain()
    await exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  const isReady = await relay.check()
  console.log(
    isReady
      ? 'Ready: GitHub accepts the token, and every repository can be reached'
      : 'Not ready: the errors above say why; the relay checks again when /readyz is called',
  )
}

/** Kept connections would hold the process for some seconds. */
async function reconcile(): Promise<void> {
  const { lines, isGood } = await reconcileOnce({ env: process.env })
  console.log(lines.join('\n'))
  await exit(isGood ? 0 : 1)
}

/** process.exit drops what a pipe has not taken yet. */
async function exit(code: number): Promise<void> {
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()))
  process.exit(code)
}
