import { asText } from '../demo/as-text.ts'
import { page, toHtml } from '../demo/page.ts'
import type { RunResult, StepResult } from '../sandbox/runner/step/results.ts'

/** The steps that ran this action, with the names of their jobs; without those that end them. */
function ownSteps({ jobs }: RunResult): { job: string; step: StepResult }[] {
  return jobs.flatMap((job) =>
    job.steps.flatMap((step) => (step.outputs.verdict === undefined ? [] : [{ job: job.id, step }])),
  )
}

/** The run for a terminal: its jobs, and the verdict, outputs and summary of each step with this action. */
export function runText(run: RunResult): string {
  const jobs = run.jobs.flatMap(({ id, conclusion, annotations, steps }) => [
    `Job ${id}: ${conclusion}`,
    ...[...annotations, ...steps.flatMap((step) => step.annotations)].map(
      ({ kind, message }) => `  ${kind}: ${message}`,
    ),
  ])
  const own = ownSteps(run).flatMap(({ job, step }) => [
    '',
    `Verdict of job ${job}: ${step.outputs.verdict}`,
    `  ${step.outputs.reason}`,
    '',
    'Outputs:',
    ...Object.entries(step.outputs)
      .filter(([name, value]) => value !== '' && !(name === 'results' && isOne(value)))
      .map(([name, value]) => `  ${name}: ${value}`),
    '',
    'Summary:',
    asText(toHtml(step.summary)),
  ])
  const none = own.length === 0 ? ['', 'No step with this action ran.'] : []
  return [...run.problems, ...jobs, ...own, ...none].join('\n')
}

/** Whether `results` has one recipe: the other outputs say the same. */
const isOne = (results: string) => (JSON.parse(results) as unknown[]).length === 1

/** A page with the summaries; null where there are none. */
export function summaryPage(path: string, run: RunResult): string | null {
  const summaries = ownSteps(run).map(({ step }) => step.summary)
  if (summaries.length === 0) return null
  const note = 'Made by npm run try. Its links no longer work: they lead to stand-ins that stopped with it.'
  return page({ title: `Job summary of ${escaped(path)}`, note, html: toHtml(summaries.join('\n\n')) })
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
