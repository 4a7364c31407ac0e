import type { RunResult, StepResult } from '../../sandbox/runner/step/results.ts'

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
  const rows = summary.matchAll(/^\| ([✅❌]) \| (.*?) \|/gmu)
  return [...rows].map(([, mark, title]) => `${mark} ${title?.replaceAll('\\', '').replaceAll('\u2060', '')}`)
}
