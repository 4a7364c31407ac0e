import { startNodeRelay } from './node.ts'
import { startMessage } from './start-message.ts'

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
  const isReady = await relay.check()
  console.log(
    isReady
      ? 'Ready: GitHub accepts the token, and every repository can be reached'
      : 'Not ready: the errors above say why; the relay checks again when /readyz is called',
  )
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
