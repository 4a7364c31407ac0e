import { startNodeRelay } from './node.ts'

try {
  const relay = await startNodeRelay({ env: process.env, writeLine: console.log })
  const elsewhere = relay.everywhere ? ' and on every other address of this machine' : ''
  console.log(`The relay listens on ${relay.url}${elsewhere}`)
  const stop = async () => {
    await relay.drain()
    // Exiting would drop what a pipe has not taken yet.
    await new Promise<void>((resolve) => process.stdout.write('', () => resolve()))
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  await relay.check()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
