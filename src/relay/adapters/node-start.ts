import { createLineWriter } from './line-writer.ts'
import { startNodeRelay } from './node.ts'

const lines = createLineWriter(process.stdout)
try {
  const relay = await startNodeRelay({ env: process.env, writeLine: lines.write })
  const elsewhere = relay.everywhere ? ' and on every other address of this machine' : ''
  console.log(`The relay listens on ${relay.url}${elsewhere}`)
  const stop = async () => {
    await relay.drain()
    await lines.flush()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  await relay.check()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
