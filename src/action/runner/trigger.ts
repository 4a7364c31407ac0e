import type { TriggerName } from '../../domain/outcome.ts'
import { Refused } from '../../domain/verdict.ts'
import { openEnvelope } from '../../event/open-envelope.ts'
import type { HubEvent } from '../../event/payload.ts'
import type { WorkflowRun } from './environment.ts'
import type { Inputs } from './inputs.ts'

/** What woke the action, found good. */
export interface Trigger {
  readonly name: TriggerName
  /** Null unless a dispatch brought one. */
  readonly event: HubEvent | null
  /** Delivery id; null unless a dispatch brought one. */
  readonly delivery: string | null
  /** True when the dispatch carried the secret itself in place of a signature. */
  readonly plainSecret: boolean
}

/**
 * Tells what woke the workflow. A dispatch must carry a good envelope; a person and the schedule need none, because
 * GitHub has authenticated them.
 *
 * @param options.now milliseconds since the epoch
 * @throws Refused when the envelope is not good, or the workflow was woken by something else
 */
export async function readTrigger(options: {
  workflow: WorkflowRun
  inputs: Inputs
  now: number
}): Promise<Trigger> {
  const { workflow, inputs, now } = options
  const without = (name: TriggerName): Trigger => ({ name, event: null, delivery: null, plainSecret: false })
  switch (workflow.eventName) {
    case 'workflow_dispatch':
      return without('manual')
    case 'schedule':
      return without('schedule')
    case 'repository_dispatch':
      return { name: 'dispatch', ...(await readDispatch(workflow, inputs, now)) }
    default:
      throw new Refused(
        `auto-retrain does not run on ${workflow.eventName}: ` +
          'use on: repository_dispatch, workflow_dispatch or schedule in the workflow.',
      )
  }
}

async function readDispatch(workflow: WorkflowRun, inputs: Inputs, now: number) {
  const { webhookSecrets, maxAge, allowPlainSecret } = inputs
  if (webhookSecrets.length === 0) {
    throw new Refused(
      'webhook-secret is empty: set it to the secret that the webhook and the relay have, ' +
        'so that the event can be checked (pull requests from forks get no secrets).',
    )
  }
  const { event, id, plainSecret } = await openEnvelope(workflow.clientPayload, {
    secrets: webhookSecrets,
    now,
    // A person who re-runs the workflow later means it.
    maxAgeMs: workflow.attempt > 1 ? null : maxAge,
    allowPlainSecret,
  })
  return { event, delivery: id, plainSecret }
}
