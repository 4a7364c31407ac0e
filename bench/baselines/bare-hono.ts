import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { handleBody, headers, isSecret, logLine, maxBytes } from './work.ts'

// The same work in hono, written as in its guide.

const app = new Hono()
app.get('/healthz', (c) => c.json({ ok: true }))
app.post('/webhook', async (c) => {
  const id = c.req.header('webhook-id') ?? `msg_${randomBytes(16).toString('hex')}`
  const answer = (status: number, value: unknown) => {
    logLine(id, status, JSON.stringify(value))
    return c.json(value, status as 200, headers)
  }
  if (!isSecret(c.req.header('x-webhook-secret') ?? '')) return answer(403, { error: 'wrong secret' })
  const body = Buffer.from(await c.req.arrayBuffer())
  if (body.byteLength > maxBytes) return answer(413, { error: 'too large' })
  const [status, value] = await handleBody(id, body)
  return answer(status, value)
})
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => {
  console.log(`listens on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
