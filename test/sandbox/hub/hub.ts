import { randomBytes } from 'node:crypto'
import type { Access } from './accounts/access.ts'
import { createAccess } from './accounts/access.ts'
import type { Accounts } from './accounts/accounts.ts'
import { createAccounts } from './accounts/accounts.ts'
import type { Quotas } from './accounts/rate-limit.ts'
import type { TrustedPublishers } from './accounts/trusted-publishers.ts'
import { createTrustedPublishers } from './accounts/trusted-publishers.ts'
import type { Buckets } from './buckets/buckets.ts'
import { createBuckets } from './buckets/buckets.ts'
import type { Discussions } from './conversations/discussions.ts'
import { createDiscussions } from './conversations/discussions.ts'
import type { LfsOptions, LfsStore } from './git/lfs.ts'
import { createLfsStore } from './git/lfs.ts'
import type { Repositories } from './git/repositories.ts'
import { createRepositories } from './git/repositories.ts'
import { orderJob } from './jobs/order.ts'
import type { JobRunner, JobsOptions } from './jobs/start-jobs.ts'
import { createJobRunner } from './jobs/start-jobs.ts'
import type { Schedules } from './schedules/schedules.ts'
import { createSchedules } from './schedules/schedules.ts'
import type { Courier, DeliveryOptions } from './webhooks/deliveries.ts'
import { createCourier } from './webhooks/deliveries.ts'
import { startWebhookJob } from './webhooks/webhook-jobs.ts'
import type { Webhooks } from './webhooks/webhooks.ts'
import { createWebhooks } from './webhooks/webhooks.ts'
import type { XetStore } from './xet/xet-store.ts'
import { createXetStore } from './xet/xet-store.ts'

/** How a sandbox Hub may be told to differ from its defaults. */
export interface HubOptions extends DeliveryOptions {
  /** @default the real clock */
  now?: () => Date
  /** @default node:crypto's */
  randomBytes?: (size: number) => Uint8Array
  /** Requests per five minutes and caller. @default the free plan's */
  quotas?: Partial<Quotas>
  jobs?: JobsOptions
  lfs?: LfsOptions
}

/** Everything the routes work on. */
export interface Hub {
  /** Known once the servers listen. */
  address: { url: string; storageUrl: string }
  now: () => Date
  newId: () => string
  accounts: Accounts
  access: Access
  publishers: TrustedPublishers
  repositories: Repositories
  buckets: Buckets
  discussions: Discussions
  webhooks: Webhooks
  courier: Courier
  lfs: LfsStore
  xet: XetStore
  jobs: JobRunner
  schedules: Schedules
}

/**
 * @param options see {@link HubOptions}
 * @returns an empty Hub that does not listen yet
 */
export function createHub(options: HubOptions): Hub {
  const { now = () => new Date(), randomBytes: random = randomBytes } = options
  const address = { url: '', storageUrl: '' }
  // The Hub's ids are 24 hex digits (ObjectId); its OpenAPI document gives the pattern.
  const newId = () => Buffer.from(random(12)).toString('hex')
  const source = { newId, now }
  const accounts = createAccounts(source)
  const access = createAccess(accounts)
  const courier = createCourier({ ...options, ...source })
  const hub: Hub = {
    address,
    now,
    newId,
    accounts,
    access,
    publishers: createTrustedPublishers(),
    courier,
    repositories: createRepositories(source),
    buckets: createBuckets(source),
    discussions: createDiscussions(source),
    webhooks: createWebhooks({
      access,
      courier,
      newId,
      hubUrl: () => address.url,
      startJob: (webhook, payload) => startWebhookJob(hub, webhook, payload),
    }),
    lfs: createLfsStore({ ...options.lfs, newId, address }),
    xet: createXetStore({ ...source, storageUrl: () => address.storageUrl }),
    jobs: createJobRunner({ ...options.jobs, ...source, hubUrl: () => address.url }),
    schedules: createSchedules({
      ...source,
      start: ({ id, token, owner, spec }) =>
        orderJob(hub, { token, owner, spec, initiator: { type: 'scheduled-job', id } }),
    }),
  }
  return hub
}
