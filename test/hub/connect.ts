import { defaultPolicy, withPolicy } from '../../src/http/exchange.ts'
import { createNodeSend } from '../../src/http/node-fetch.ts'
import { createHub, type Hub } from '../../src/hub/hub.ts'
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts'

/** Our side of a connection to a Hub, with a clock that never really waits. */
export interface Connection {
  readonly hub: Hub
  readonly clock: FakeClock
  /** What the debug hook received. */
  readonly debugLines: readonly string[]
}

/** What each call goes through, for a process that may die at any of them. */
export type Act = <T>(call: () => Promise<T>) => Promise<T>

/** Connects to a Hub as the action does. */
export function connect(url: string, token: string, act: Act = (call) => call()): Connection {
  const clock = createFakeClock()
  const debugLines: string[] = []
  const debug = (line: string) => debugLines.push(line)
  const send = createNodeSend()
  const mortal: typeof send = (target, request) => act(() => send(target, request))
  const http = withPolicy({ send: mortal, policy: defaultPolicy, clock })
  const platformFetch: typeof fetch = (input, init) => act(() => fetch(input, init))
  return { hub: createHub({ url, token, http, platformFetch, clock, debug }), clock, debugLines }
}
