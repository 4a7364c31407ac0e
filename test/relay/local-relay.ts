import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../src/http/clock.ts'
import { type NodeRelay, startNodeRelay } from '../../src/relay/adapters/node.ts'
import type { Environment } from '../../src/relay/settings.ts'
import { type SandboxGitHub, startGitHub } from '../sandbox/github/github.ts'
import { hubEvent, secret } from './event.ts'

export const repository = 'acme/retrain'
export const token = 'github_pat_11AAAAAAA0abcdefghijkl'

/** A GitHub with the one repository that the relay may dispatch to. */
export function startSandbox(): Promise<SandboxGitHub> {
  return startGitHub({
    repositories: [
      { name: repository, private: true, tokens: { [token]: { contents: 'write', metadata: 'read' } } },
      { name: 'acme/other', private: true, tokens: { [token]: { contents: 'write', metadata: 'read' } } },
      { name: 'acme/readable', private: true, tokens: { [token]: { contents: 'read', metadata: 'read' } } },
    ],
  })
}

/** The environment of a relay for that GitHub. */
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
  /** Every line of the log so far, parsed. */
  readonly lines: Record<string, unknown>[]
}

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

/** A delivery as the Hub makes it, with parts replaced; a header that is undefined is left out. */
export interface DeliveryChange {
  path?: string
  method?: string
  headers?: Record<string, string | undefined>
  body?: BodyInit | null
}

/** Posts a good delivery, damaged as told. */
export async function deliver(url: string, change: DeliveryChange = {}) {
  const { path = '/webhook', method = 'POST', headers = {}, body = JSON.stringify(hubEvent()) } = change
  const given = { 'content-type': 'application/json', 'x-webhook-secret': secret, ...headers }
  const response = await fetch(url + path, {
    method,
    headers: Object.entries(given).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
    ...(['GET', 'HEAD'].includes(method) ? {} : { body, duplex: 'half' }),
  } as RequestInit)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parse(text) }
}

function parse(text: string): Record<string, unknown> | null {
  return text.startsWith('{') ? JSON.parse(text) : null
}

/** Turns the event loop until it is so; gives up when it never becomes so. */
export async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 10_000
  while (!isSo()) {
    if (performance.now() > end) throw new Error('What was waited for did not happen.')
    await nextTurn()
  }
}
