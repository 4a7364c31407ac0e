import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { Agent, request } from 'node:http'
import { filterEvent } from '../../src/event/filter.ts'
import { parseHubEvent } from '../../src/event/payload.ts'

// The work of the minimal servers for one request, in the shortest correct way on Node: the same checks, answers and
// log lines as the relay, without retries, time limits and portability.

const secret = process.env.WEBHOOK_SECRET ?? ''
const secretDigest = hash('sha256', secret, 'buffer')
const github = new URL(process.env.GITHUB_API_URL ?? '')
const repository = process.env.GITHUB_REPOSITORY ?? ''
const agent = new Agent({ keepAlive: true })
export const maxBytes = 1024 * 1024

export const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'content-type': 'application/json; charset=utf-8',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
}

export function isSecret(given: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), secretDigest)
}

let lines = ''
export function logLine(id: string, status: number, reason: unknown): void {
  if (lines === '') {
    setImmediate(() => {
      process.stdout.write(lines)
      lines = ''
    })
  }
  const time = new Date().toISOString()
  const line = { time, level: 'info', message: 'Delivery', id, outcome: 'x', status, reason, ms: 0, count: 1 }
  lines += `${JSON.stringify(line)}\n`
}

/** Returns the status and the body of the answer. */
export async function handleBody(id: string, body: Buffer): Promise<[number, unknown]> {
  let json: unknown
  try {
    json = JSON.parse(body.toString('utf8'))
  } catch {
    return [400, { error: 'not JSON' }]
  }
  const parsed = parseHubEvent(json)
  if (!parsed.ok) return [422, { error: 'not an event', fields: parsed.fields }]
  const { event } = parsed
  const result = filterEvent(event, { ref: 'refs/heads/main' })
  if (!result.passed) return [200, { processed: false, reason: result.rule }]
  const timestamp = Math.floor(Date.now() / 1000)
  const text = JSON.stringify({ event: event.event, repo: event.repo, updatedRefs: event.updatedRefs })
  const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.${text}`).digest('base64')
  const envelope = {
    dataset: event.repo.name,
    sha: result.revision,
    id,
    timestamp,
    signature: `v1,${mac}`,
    body: text,
  }
  const status = await dispatch(JSON.stringify({ event_type: 'hub-webhook', client_payload: envelope }))
  return status === 204
    ? [202, { processed: true, id, dispatched: [repository] }]
    : [502, { error: 'refused' }]
}

function dispatch(body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        host: github.hostname,
        port: github.port,
        method: 'POST',
        path: `/repos/${repository}/dispatches`,
        headers: {
          accept: 'application/vnd.github+json',
          'x-github-api-version': '2022-11-28',
          authorization: `Bearer ${process.env.GITHUB_TOKEN}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'baseline',
        },
      },
      (response) => {
        response.resume()
        response.once('end', () => resolve(response.statusCode ?? 0))
      },
    )
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}
