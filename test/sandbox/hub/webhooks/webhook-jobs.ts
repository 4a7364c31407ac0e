import type { Token } from '../accounts/accounts.ts'
import { badRequest, HubRefusal } from '../errors.ts'
import type { Hub } from '../hub.ts'
import type { Job } from '../jobs/jobs.ts'
import { orderJob } from '../jobs/order.ts'
import type { JobSpec } from '../jobs/spec.ts'
import type { WebhookPayload } from './webhook-payload.ts'
import type { Webhook } from './webhooks.ts'

/** What a webhook starts in place of calling a URL, with the token of the one who made it. */
export interface WebhookJob {
  spec: JobSpec
  token: Token
}

/**
 * @param source a Job of the webhook's owner
 * @param secrets the new Job's own: those of the source are not copied
 * @returns the same Job, to be started by each event
 */
export function jobLike(source: Job, secrets: Readonly<Record<string, string>>): JobSpec {
  return { ...source.spec, labels: { ...source.labels }, secrets: { ...secrets } }
}

/**
 * @param id of a Job, of whichever account
 * @returns the Job; throws the 400 of one that the token's user does not own
 */
export function sourceJob(hub: Hub, token: Token, id: string): Job {
  const found = hub.jobs.all.find((job) => job.id === id && job.owner.id === token.user.id)
  if (found === undefined) throw badRequest(`There is no Job ${id} to start again`)
  return found
}

/**
 * Starts a webhook's Job, which its owner pays for. An event whose Job cannot start is lost.
 *
 * @param webhook one that has a Job
 * @param payload what a URL would have been sent: the Job finds it in its environment
 */
export function startWebhookJob(hub: Hub, webhook: Webhook, payload: WebhookPayload): void {
  if (webhook.job === undefined) return
  const { spec, token } = webhook.job
  // The run does not keep the Job's volumes: https://github.com/huggingface/hub-docs/pull/2801
  const { volumes: _lost, ...kept } = spec
  const environment = {
    ...spec.environment,
    WEBHOOK_PAYLOAD: JSON.stringify(payload),
    WEBHOOK_REPO_ID: payload.repo.name,
    WEBHOOK_REPO_TYPE: payload.repo.type,
  }
  const secrets = { ...spec.secrets, ...(webhook.secret !== '' && { WEBHOOK_SECRET: webhook.secret }) }
  webhook.lastTriggerAt = hub.now()
  try {
    orderJob(hub, {
      token,
      owner: webhook.owner,
      spec: { ...kept, environment, secrets },
      initiator: { type: 'webhook', id: webhook.id },
    })
  } catch (error) {
    if (!(error instanceof HubRefusal)) throw error
  }
}
