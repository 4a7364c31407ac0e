import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../src/http/clock.ts'
import { type NodeRelay, startNodeRelay } from '../../src/relay/adapters/node.ts'
import type { Environment } from '../../src/relay/settings/settings.ts'
import { type SandboxGitHub, startGitHub } from '../sandbox/github/github.ts'
import { hubEvent, secret } from './event.ts'

export const repository = 'acme/retrain'
export const token = 'github_pat_11AAAAAAA0abcdefghijkl'

/** Starts a sandbox GitHub with two repositories that the token can write to, and one that it can only read. */
export function startSandbox(): Promise<SandboxGitHub> {
  return startGitHub({
    repositories: [
      { name: repository, private: true, tokens: { [token]: { contents: 'write', metadata: 'read' } } },
      { name: 'acme/other', private: true, tokens: { [token]: { contents: 'write', metadata: 'read' } } },
      { name: 'acme/readable', private: true, tokens: { [token]: { contents: 'read', metadata: 'read' } } },
    ],
  })
}

/** The environment of a relay for that GitHub, with changes. */
export function environment(github: { url: string }, change: Environment = {}): Environment {
  return {
    WEBHOOK_SECRET: secret,
    GITHUB_TOKEN: token,
    GITHUB_REPOSITORY: repository,
    GITHUB_API_URL: github.url,
    PORT: '0',
    HOST: '127.0.0.1',
    ...change,
  }
}

/** A relay on the Node adapter inside this process. */
export interface LocalRelay extends NodeRelay {
  /** Every log line so far, parsed. */
  readonly lines: Record<string, unknown>[]
}

/** Starts the Node adapter inside this process. */
export async function startLocalRelay(env: Environment, clock?: Clock): Promise<LocalRelay> {
  const lines: Record<string, unknown>[] = []
  const relay = await startNodeRelay({
    env,
    random: () => 0.5,
    writeLine: (line) => lines.push(JSON.parse(line)),
    ...(clock && { clock }),
  })
  return { ...relay, lines }
}

/** Changes to a valid delivery; an undefined header is omitted. */
export interface DeliveryChange {
  path?: string
  method?: string
  headers?: Record<string, string | undefined>
  body?: BodyInit | null
}

/** Sends a valid delivery with these changes. */
export async function deliver(url: string, change: DeliveryChange = {}) {
  const { path = '/webhook', method = 'POST', headers = {} } = change
  let { body = JSON.stringify(hubEvent()) } = change
  const given = { 'content-type': 'application/json', 'x-webhook-secret': secret, ...headers }
  const request = {
    method,
    headers: Object.entries(given).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
  }
  const response = await untilAnswered(async () => {
    // A stream can be sent once.
    const sent = body instanceof ReadableStream ? body.tee() : [body, body]
    const [now, later] = sent as [BodyInit | null, BodyInit | null]
    body = later
    const isRead = ['GET', 'HEAD'].includes(method)
    return fetch(url + path, { ...request, ...(isRead ? {} : { body: now, duplex: 'half' }) } as RequestInit)
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parse(text) }
}

const maxTries = 5

/**
 * A server that refuses a body before it has all of it may close the connection, and the reset may overtake its answer:
 * the request is sent again. https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
async function untilAnswered(send: () => Promise<Response>): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send()
    } catch (error) {
      const cause = error instanceof Error ? error.cause : null
      const isReset =
        cause instanceof Error &&
        /ECONNRESET|EPIPE/.test(`${cause.message} ${String(Reflect.get(cause, 'code'))}`)
      if (!isReset || tries === maxTries) throw error
    }
  }
}

function parse(text: string): Record<string, unknown> | null {
  return text.startsWith('{') ? JSON.parse(text) : null
}

/** Waits until the condition holds, and throws after 10 s. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > end) throw new Error('The condition did not hold within 10 s.')
    await nextTurn()
  }
}
