import type { Delivery } from '../../sandbox/hub/webhooks/deliveries.ts'
import type { RunResult, StepResult } from '../../sandbox/runner/step/results.ts'
import type { World } from '../../sandbox/world.ts'

/** What one run of the packaged action left behind. */
export interface ActionRun {
  readonly run: RunResult
  readonly step: StepResult
  /** The `post` of the action; undefined when it was not reached. */
  readonly post: StepResult | undefined
  readonly verdict: string
  readonly reason: string
  readonly outputs: Readonly<Record<string, string>>
  /** 0 or 1. */
  readonly exitCode: number | null
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
  readonly notices: readonly string[]
  readonly summary: string
}

/** Reads the run of a workflow whose action has the id `retrain`. */
export function actionRun(run: RunResult): ActionRun {
  const steps = run.jobs.flatMap((job) => job.steps).filter(({ id }) => id === 'retrain')
  const [step, post] = steps
  if (step === undefined) throw new Error(`The run did not reach the action: ${JSON.stringify(run, null, 2)}`)
  const messages = (kind: string) =>
    step.annotations.filter((annotation) => annotation.kind === kind).map(({ message }) => message)
  return {
    run,
    step,
    post,
    verdict: step.outputs.verdict ?? '',
    reason: step.outputs.reason ?? '',
    outputs: step.outputs,
    exitCode: step.exitCode,
    errors: messages('error'),
    warnings: messages('warning'),
    notices: messages('notice'),
    summary: step.summary,
  }
}

/** The steps of the summary's table with their marks, in order: `✅ Plan the training`. */
export function stepsShown({ summary }: ActionRun): string[] {
  const rows = summary.matchAll(/^\| ([✅❌]) (.*?) \|/gmu)
  return [...rows].map(([, mark, title]) => `${mark} ${title?.replaceAll('\\', '').replaceAll('\u2060', '')}`)
}

/** Acts on the Hub, and returns the deliveries and runs that followed once the stage is quiet again. */
export async function after(
  stage: World,
  act: () => unknown,
): Promise<{ deliveries: Delivery[]; runs: ActionRun[] }> {
  const before = { deliveries: stage.hub.deliveries.length, runs: stage.runner.runs.length }
  await act()
  // A run may make the Hub call the webhook again, and that call start a run.
  for (let known = -1; known !== stage.hub.deliveries.length; ) {
    known = stage.hub.deliveries.length
    await stage.settled()
  }
  return {
    deliveries: stage.hub.deliveries.slice(before.deliveries),
    runs: stage.runner.runs.slice(before.runs).map(actionRun),
  }
}
