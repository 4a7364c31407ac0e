import type { TriggerName } from '../../domain/outcome.ts'
import { Refused } from '../../domain/verdict.ts'
import { openEnvelope } from '../../event/open-envelope.ts'
import type { HubEvent } from '../../event/payload.ts'
import { isReconcile } from '../../event/reconcile.ts'
import type { WorkflowRun } from './environment.ts'
import type { Inputs } from './inputs.ts'

/** The checked trigger of the workflow run. */
export interface Trigger {
  readonly name: TriggerName
  /** The event of a dispatch; null for other triggers. */
  readonly event: HubEvent | null
  /** The delivery id of a dispatch; null for other triggers. */
  readonly delivery: string | null
  /** True when the dispatch has the secret itself instead of a signature. */
  readonly plainSecret: boolean
}

/**
 * Reads what triggered the workflow. A dispatch needs a valid envelope; every other event needs none, because GitHub
 * has authenticated it.
 *
 * @param options.now milliseconds since the epoch
 * @throws Refused when the envelope is invalid
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
    case 'repository_dispatch':
      return readDispatch(workflow, inputs, now)
    default:
      // `push`, `workflow_run` and all others say nothing about the dataset: they check its head, as a timer does.
      return without('schedule')
  }
}

/**
 * Why the newest commit is checked although no event names it, for the log: the relay's own check, or an event of
 * GitHub that has another purpose. Null for the others. A reusable workflow has the event of its caller.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations#github-context
 */
export function explainTrigger(eventName: string, { name, delivery }: Trigger): string | null {
  if (name === 'reconcile') {
    return (
      `The relay's own check of the dataset started this run (delivery ${delivery}): the newest commit is checked, ` +
      'also where the relay saw an older one.'
    )
  }
  if (['repository_dispatch', 'workflow_dispatch', 'schedule'].includes(eventName)) return null
  return (
    `The event ${eventName} says nothing about the dataset, so its newest commit is checked, as on a schedule. In a ` +
    "reusable workflow (workflow_call) the event is the caller's."
  )
}

async function readDispatch(workflow: WorkflowRun, inputs: Inputs, now: number): Promise<Trigger> {
  const { webhookSecrets, maxAgeMs, allowPlainSecret } = inputs
  if (webhookSecrets.length === 0) {
    throw new Refused(
      'webhook-secret is empty: set it to the secret of the webhook and the relay, so that the event can be ' +
        'verified (workflows of pull requests from forks get no secrets).',
    )
  }
  const { event, id, plainSecret } = await openEnvelope(workflow.clientPayload, {
    secrets: webhookSecrets,
    now,
    // A re-run is intended, however old the event is.
    maxAgeMs: workflow.attempt > 1 ? null : maxAgeMs,
    allowPlainSecret,
  })
  return { name: isReconcile(event) ? 'reconcile' : 'dispatch', event, delivery: id, plainSecret }
}
