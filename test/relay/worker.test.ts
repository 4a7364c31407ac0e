import { expect, test } from '@jest/globals'
import { startOnWorkerd } from './adapters.ts'
import { deliver, environment } from './local-relay.ts'
import { bundleWorker } from './worker-bundle.ts'

test('The Worker is below 100 kB before it is compressed, and needs nothing of Node.', async () => {
  const code = await bundleWorker()
  expect(code).not.toMatch(/["']node:/)
  expect(new TextEncoder().encode(code).byteLength).toBeLessThan(100_000)
})

test('A Worker with a wrong setting answers 500 with a fixed sentence.', async () => {
  const worker = await startOnWorkerd({ WEBHOOK_SECRET: 'short' })
  const answer = await deliver(worker.url)
  await worker.stop()
  expect(answer).toMatchObject({ status: 500, json: { error: 'The relay failed: its log says why.' } })
})

test('The page of a Worker says that its memory is short.', async () => {
  const worker = await startOnWorkerd(environment({ url: 'http://127.0.0.1:1' }))
  const { text } = await deliver(worker.url, { path: '/', method: 'GET' })
  await worker.stop()
  expect(text).toContain('the numbers and the list begin anew')
})
