import type { Access } from '../accounts/access.ts'
import type { Account } from '../accounts/accounts.ts'
import { HubRefusal } from '../errors.ts'
import type { Repository } from '../git/repositories.ts'
import type { Courier } from './deliveries.ts'
import type { WebhookJob } from './webhook-jobs.ts'
import type { HubEvent, WebhookPayload } from './webhook-payload.ts'
import { webhookPayload } from './webhook-payload.ts'

/** What a webhook watches. */
export interface Watched {
  type: 'dataset' | 'model' | 'space' | 'bucket' | 'kernel' | 'user' | 'org'
  name: string
}

/** One webhook of one user. */
export interface Webhook {
  id: string
  owner: Account
  /** Empty where it starts a Job. */
  url: string
  job?: WebhookJob | undefined
  /** Empty for none. */
  secret: string
  watched: Watched[]
  domains: ('repo' | 'discussion')[]
  disabled: boolean | 'suspended-after-failure'
  failuresInARow: number
  lastTriggerAt?: Date
}

/** All webhooks. */
export interface Webhooks {
  add(webhook: Pick<Webhook, 'owner' | 'url' | 'job' | 'secret' | 'watched' | 'domains'>): Webhook
  ofOwner(owner: Account): readonly Webhook[]
  /** Throws the 404 of an id that is not one of the owner's. */
  get(owner: Account, id: string): Webhook
  byId(id: string): Webhook | undefined
  remove(webhook: Webhook): void
  /** Also ends a suspension and forgets what led to it. */
  setEnabled(webhook: Webhook, isEnabled: boolean): void
  publish(event: HubEvent): void
  /** After a rename, those who watched the old name watch the new one. */
  follow(repository: Repository, oldName: string): void
}

function isWatching(webhook: Webhook, repository: Repository): boolean {
  return webhook.watched.some(
    ({ type, name }) =>
      (type === repository.type && name === repository.name) ||
      (type === repository.owner.type && name === repository.owner.name),
  )
}

/**
 * @param options who may read what, who delivers, who starts Jobs, and the Hub's own address once it is known
 * @returns no webhooks yet
 */
export function createWebhooks(options: {
  access: Access
  courier: Courier
  newId: () => string
  hubUrl: () => string
  startJob: (webhook: Webhook, payload: WebhookPayload) => void
}): Webhooks {
  const webhooks: Webhook[] = []
  return {
    add(webhook) {
      const added = { ...webhook, id: options.newId(), disabled: false, failuresInARow: 0 }
      webhooks.push(added)
      return added
    },
    ofOwner: (owner) => webhooks.filter((webhook) => webhook.owner.id === owner.id),
    byId: (id) => webhooks.find((webhook) => webhook.id === id),
    get(owner, id) {
      const found = webhooks.find((webhook) => webhook.id === id && webhook.owner.id === owner.id)
      if (found === undefined) throw new HubRefusal(404, 'Webhook not found')
      return found
    },
    remove(webhook) {
      webhooks.splice(webhooks.indexOf(webhook), 1)
    },
    setEnabled(webhook, isEnabled) {
      webhook.disabled = !isEnabled
      webhook.failuresInARow = 0
    },
    publish(event) {
      const domain = event.scope.startsWith('repo') ? 'repo' : 'discussion'
      for (const webhook of webhooks) {
        if (webhook.disabled !== false || !webhook.domains.includes(domain)) continue
        if (!isWatching(webhook, event.repository)) continue
        // A webhook is its owner's: it does not tell of repositories the owner cannot read.
        if (!options.access.canUserRead(webhook.owner, event.repository)) continue
        const payload = webhookPayload(event, { hubUrl: options.hubUrl(), webhookId: webhook.id })
        if (webhook.job !== undefined) {
          options.startJob(webhook, payload)
          continue
        }
        // The body is what it was at the time of the event, also when it is replayed much later.
        options.courier.send(webhook, structuredClone(payload))
      }
    },
    follow(repository, oldName) {
      for (const { watched } of webhooks) {
        for (const entry of watched) {
          if (entry.type === repository.type && entry.name === oldName) entry.name = repository.name
        }
      }
    },
  }
}
