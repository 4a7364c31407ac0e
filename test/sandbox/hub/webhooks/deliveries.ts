import type { WebhookPayload } from './webhook-payload.ts'
import type { Webhook } from './webhooks.ts'

/** One try to hand an event over. */
export interface Attempt {
  at: Date
  /** What the receiver answered; null when it did not answer. */
  status: number | null
  /** The answer's text, at most 64 KiB of it. */
  body: string
  /** Why there was no answer. */
  error?: string
}

/** One event on its way to one webhook. `id` is what `Webhook-Id` carries, over all retries and replays. */
export interface Delivery {
  readonly id: string
  readonly webhookId: string
  readonly payload: WebhookPayload
  readonly attempts: Attempt[]
  state: 'pending' | 'delivered' | 'failed' | 'suspended' | 'over-limit'
}

/** How deliveries behave. The real numbers are not published; these are short so that tests are. */
export interface DeliveryOptions {
  /** The wait before each retry. @default [5, 10, 20, 40] */
  retryDelaysMs?: readonly number[]
  /** Called with each of them. @default a real timer */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>
  /** How long the Hub waits for an answer (reported: 30 s, dataset-viewer#2651). @default 30_000 */
  replyTimeoutMs?: number
  /** So many refused tries in a row suspend a webhook. @default 20 */
  suspendAfter?: number
  /** https://huggingface.co/docs/hub/webhooks#rate-limiting @default 1_000 */
  triggersPerDay?: number
}

/** The part of the Hub that calls webhooks. */
export interface Courier {
  readonly deliveries: readonly Delivery[]
  send(webhook: Webhook, payload: WebhookPayload): void
  /** One more try, to the webhook's present URL and secret. */
  replay(webhook: Webhook, delivery: Delivery): Promise<Attempt>
  settled(): Promise<void>
  close(): Promise<void>
}

const DAY_MS = 24 * 60 * 60 * 1000
const KEPT_BODY = 64 * 1024

function realSleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

async function post(options: {
  webhook: Webhook
  delivery: Delivery
  signal: AbortSignal
  timeoutMs: number
}): Promise<Pick<Attempt, 'status' | 'body' | 'error'>> {
  const { webhook, delivery } = options
  const timeout = new AbortController()
  const timer = setTimeout(
    () => timeout.abort(new Error('The receiver did not answer in time.')),
    options.timeoutMs,
  )
  try {
    const response = await fetch(webhook.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': delivery.id,
        ...(webhook.secret !== '' && { 'x-webhook-secret': webhook.secret }),
      },
      body: JSON.stringify(delivery.payload),
      redirect: 'manual',
      signal: AbortSignal.any([options.signal, timeout.signal]),
    })
    return { status: response.status, body: (await response.text()).slice(0, KEPT_BODY) }
  } catch (error) {
    return { status: null, body: '', error: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Delivers as https://huggingface.co/docs/hub/webhooks says: anything but a 2xx is a failure, failures are retried
 * with growing waits and count towards suspension.
 *
 * @param options see {@link DeliveryOptions}
 * @returns a courier with nothing on its way
 */
export function createCourier(options: DeliveryOptions & { newId: () => string; now: () => Date }): Courier {
  const { retryDelaysMs = [5, 10, 20, 40], sleep = realSleep, replyTimeoutMs = 30_000 } = options
  const { suspendAfter = 20, triggersPerDay = 1000, newId, now } = options
  const closing = new AbortController()
  const deliveries: Delivery[] = []
  const underWay = new Set<Promise<unknown>>()
  const triggers = new Map<string, number[]>()

  const track = <T>(work: Promise<T>): Promise<T> => {
    const done: Promise<unknown> = work.finally(() => underWay.delete(done))
    underWay.add(done)
    return work
  }

  const attempt = async (webhook: Webhook, delivery: Delivery): Promise<Attempt> => {
    const at = now()
    const result = await post({ webhook, delivery, signal: closing.signal, timeoutMs: replyTimeoutMs })
    const made: Attempt = { at, ...result }
    if (closing.signal.aborted) return made
    delivery.attempts.push(made)
    const isAccepted = made.status !== null && made.status >= 200 && made.status < 300
    webhook.failuresInARow = isAccepted ? 0 : webhook.failuresInARow + 1
    if (isAccepted) delivery.state = 'delivered'
    else if (webhook.failuresInARow >= suspendAfter && webhook.disabled === false) {
      webhook.disabled = 'suspended-after-failure'
    }
    return made
  }

  const deliver = async (webhook: Webhook, delivery: Delivery): Promise<void> => {
    await attempt(webhook, delivery)
    for (const delay of retryDelaysMs) {
      if (delivery.state !== 'pending' || webhook.disabled !== false || closing.signal.aborted) break
      await sleep(delay, closing.signal)
      if (webhook.disabled !== false || closing.signal.aborted) break
      await attempt(webhook, delivery)
    }
    if (delivery.state === 'pending') delivery.state = webhook.disabled === false ? 'failed' : 'suspended'
  }

  const isOverLimit = (webhook: Webhook) => {
    const time = now().getTime()
    const recent = (triggers.get(webhook.id) ?? []).filter((at) => at > time - DAY_MS)
    const isOver = recent.length >= triggersPerDay
    triggers.set(webhook.id, isOver ? recent : [...recent, time])
    return isOver
  }

  return {
    deliveries,
    send(webhook, payload) {
      const delivery: Delivery = {
        id: newId(),
        webhookId: webhook.id,
        payload,
        attempts: [],
        state: 'pending',
      }
      deliveries.push(delivery)
      if (isOverLimit(webhook)) {
        delivery.state = 'over-limit'
        return
      }
      webhook.lastTriggerAt = now()
      track(deliver(webhook, delivery)).catch(() => {})
    },
    replay: (webhook, delivery) => track(attempt(webhook, delivery)),
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
    async close() {
      closing.abort(new Error('The sandbox Hub is closing.'))
      await Promise.allSettled(underWay)
    },
  }
}
