import { startNodeRelay } from './node.ts'
import { readinessMessage, startMessage } from './start-message.ts'

try {
  const relay = await startNodeRelay({ env: process.env, writeLine: console.log })
  console.log(startMessage(relay).join('\n'))
  const stop = async () => {
    await relay.drain()
    // process.exit drops what a pipe has not taken yet.
    await new Promise<void>((resolve) => process.stdout.write('', () => resolve()))
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  console.log(readinessMessage(await relay.check()))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
