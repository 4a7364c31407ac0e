import type { Fault, FaultHandle } from '../faults.ts'
import type { RecordedRequest, SandboxServer } from '../server.ts'
import { startServer } from '../server.ts'
import type { Accounts } from './accounts/accounts.ts'
import { createRateLimiter } from './accounts/rate-limit.ts'
import type { Builders } from './builders.ts'
import { createBuilders } from './builders.ts'
import { errorMessageHeader } from './errors.ts'
import type { Hub, HubOptions } from './hub.ts'
import { createHub } from './hub.ts'
import type { JobRunner } from './jobs/start-jobs.ts'
import { createHubApp } from './routes/app.ts'
import type { Delivery } from './webhooks/deliveries.ts'

/** A running Hub: what `HF_ENDPOINT` may point at, and the strings behind it. */
export interface SandboxHub extends Builders, Pick<Accounts, 'addUser' | 'addToken'> {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly requests: RecordedRequest[]
  /** Makes the next matching requests of the API go wrong. */
  fault(fault: Fault): FaultHandle
  /** Answers a request of the API without a socket. */
  readonly answer: SandboxServer['answer']
  /** The object store behind LFS files: another origin, with requests and faults of its own. */
  readonly storage: SandboxServer
  /** All deliveries of all webhooks, oldest first. */
  readonly deliveries: readonly Delivery[]
  /** Resolves once no delivery is under way or waiting for its next try. */
  settled(): Promise<void>
  /** All Jobs, and the ways to make them go wrong. */
  readonly jobs: Pick<
    JobRunner,
    'all' | 'next' | 'remove' | 'settled' | 'hide' | 'setCredits' | 'useUpCredits' | 'loseNode' | 'setFree'
  >
  /** Everything the routes work on, for what no builder is for. */
  readonly state: Hub
  /** Drops every connection, as a restart of the Hub does; nothing is lost, and Jobs keep running. */
  restart(): void
  /** Ends deliveries that are under way, kills every Job and stops listening. May be called twice. */
  close(): Promise<void>
}

/** The Hub's own errors say it twice, and clients read the header first; what a proxy answers is a text without it. */
function asTheHubAnswers(fault: Fault): Fault {
  const { status = 500, body = { error: 'Internal Error' }, headers } = fault
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  if (status < 400 || typeof error !== 'string') return fault
  return { ...fault, headers: { ...errorMessageHeader(error), ...headers } }
}

/**
 * Starts a Hub on loopback, empty: no accounts, no repositories.
 *
 * @param options clock, randomness, quotas and how webhooks are delivered; see {@link HubOptions}
 * @returns the running Hub
 */
export async function startHub(options: HubOptions = {}): Promise<SandboxHub> {
  const state = createHub(options)
  const limiter = createRateLimiter({
    now: state.now,
    ...(options.quotas !== undefined && { quotas: options.quotas }),
  })
  const server = await startServer({ app: createHubApp(state, limiter) })
  const storage = await startServer({ app: state.lfs.app.route('/', state.xet.app) })
  // Clients compare host names and ignore ports: under the Hub's own name they would send their token along.
  const storageUrl = storage.url.replace('127.0.0.1', 'localhost')
  Object.assign(state.address, { url: server.url, storageUrl })
  const close = async () => {
    await Promise.all([state.courier.close(), state.jobs.close()])
    await Promise.all([server.close(), storage.close()])
  }
  let closed: Promise<void> | undefined
  return {
    ...createBuilders(state),
    addUser: state.accounts.addUser,
    addToken: state.accounts.addToken,
    url: server.url,
    requests: server.requests,
    fault: (fault) => server.fault(asTheHubAnswers(fault)),
    answer: server.answer,
    storage: { ...storage, url: storageUrl },
    deliveries: state.courier.deliveries,
    settled: () => state.courier.settled(),
    state,
    jobs: state.jobs,
    restart() {
      server.dropConnections()
      storage.dropConnections()
    },
    close() {
      closed ??= close()
      return closed
    },
  }
}
