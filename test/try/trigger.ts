import { envelopeFor } from '../e2e/stage/dispatches.ts'
import type { SandboxRunner } from '../sandbox/runner/runner.ts'
import type { RunResult } from '../sandbox/runner/step/results.ts'
import { manualTrigger } from '../sandbox/runner/workflow/triggers.ts'
import type { Workflow } from '../sandbox/runner/workflow/workflow.ts'
import { TryError } from './try-error.ts'

/** The events that the sandbox can play, in the order of preference. */
const playedEvents = ['workflow_dispatch', 'repository_dispatch', 'schedule'] as const

/** An event that the sandbox can play. */
export type PlayedEvent = (typeof playedEvents)[number]

/**
 * Chooses the event that starts the workflow.
 *
 * @param wanted what `--event` names; null for the first that the workflow listens to
 * @throws TryError for an event that is unknown, or that the workflow does not listen to
 */
export function chooseEvent(workflow: Workflow, wanted: string | null): PlayedEvent {
  const listened = playedEvents.filter((name) => name in workflow.events)
  const [first] = listened
  if (first === undefined) {
    throw new TryError(
      `The workflow starts on ${Object.keys(workflow.events).join(', ')} only. The sandbox can play ` +
        `${playedEvents.join(', ')}: add "workflow_dispatch:" below "on:".`,
    )
  }
  if (wanted === null) return first
  const event = listened.find((name) => name === wanted)
  if (event !== undefined) return event
  throw new TryError(
    `--event must be an event of the workflow that the sandbox can play: ${listened.join(', ')}.`,
  )
}

/**
 * The `inputs` of a start by hand, with their defaults.
 *
 * @throws TryError for inputs that GitHub refuses
 */
export function inputsOf(workflow: Workflow, given: Record<string, string>): Record<string, unknown> {
  try {
    return manualTrigger(workflow, given, {}).inputs
  } catch (error) {
    throw new TryError(`--input: ${(error as Error).message}`)
  }
}

/** Starts the workflow, and waits for the end of its run. */
export async function play(options: {
  runner: SandboxRunner
  workflow: Workflow
  name: string
  event: PlayedEvent
  inputs: Record<string, string>
  /** The dataset and its head that an event is about; null where no recipe is known. */
  change: { dataset: string; sha: string } | null
}): Promise<RunResult> {
  const { runner, workflow, name, event, inputs, change } = options
  if (event === 'workflow_dispatch') return runner.finished((await runner.manual(name, inputs)).id)
  if (event === 'schedule') return runner.finished((await runner.schedule(name)).id)
  const listens = workflow.events.repository_dispatch as { types?: string[] } | undefined
  const envelope = change === null ? {} : await envelopeFor({ ...change, id: 'msg_try' })
  const [run] = await runner.dispatch(listens?.types?.[0] ?? 'hub-webhook', { ...envelope })
  if (run === undefined) throw new Error('The dispatch started no run.')
  return runner.finished(run.id)
}
