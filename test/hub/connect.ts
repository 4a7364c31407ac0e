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

/** Connects to a Hub as the action does. */
export function connect(url: string, token: string): Connection {
  const clock = createFakeClock()
  const debugLines: string[] = []
  const debug = (line: string) => debugLines.push(line)
  const http = withPolicy({ send: createNodeSend(), policy: defaultPolicy, clock })
  return { hub: createHub({ url, token, http, platformFetch: fetch, clock, debug }), clock, debugLines }
}
