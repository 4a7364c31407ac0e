import { fileURLToPath } from 'node:url'
import type { Comment } from '../../sandbox/hub/conversations/discussions.ts'
import type { Job, JobHabits } from '../../sandbox/hub/jobs/jobs.ts'
import { names } from '../../sandbox/world.ts'
import type { ActionRun } from './action-run.ts'
import { claims } from './ledger-records.ts'
import type { Case, Stage } from './stage.ts'
import { findSecrets, type Leak } from './text/secret-forms.ts'
import { until } from './until.ts'

/**
 * A path of this machine as a shell word. In a Job's command the sandbox replaces the paths of the container, and this
 * repository may lie below one of them, such as /tmp.
 */
export const machinePath = (path: string): string =>
  `"$(echo ${Buffer.from(path).toString('base64')} | base64 -d)"`

/** A shell command that pushes the run's model to the Hub: a success is proved by it. */
export const pushModel = [process.execPath, fileURLToPath(new URL('push-model.js', import.meta.url))]
  .map(machinePath)
  .join(' ')

/** Inputs of a Job that runs a script. */
export function jobScript(command: string, more: Record<string, string> = {}): Record<string, string> {
  return { trainer: 'job', image: 'python:3.12', command, discussion: 'thread', ...more }
}

/** Inputs of a script on the runner. */
export function runnerScript(command: string, more: Record<string, string> = {}): Record<string, string> {
  return { trainer: 'command', command, discussion: 'thread', ...more }
}

/** The Jobs of a case, oldest first. */
export function jobsOf({ hub }: Stage, { name }: Case): Job[] {
  return hub.jobs.all.filter(({ labels }) => String(labels.name).startsWith(`${name}-`))
}

/** The comments on the dataset's discussions after each one's first post, oldest first. */
export function commentsOn({ hub }: Stage, { dataset }: Case): Comment[] {
  return hub
    .discussions(dataset)
    .flatMap(({ events }) => events.filter((event) => event.type === 'comment').slice(1))
}

/** The text of a file of a model, as whoever owns it reads it; null when there is none. */
export async function modelFile({ hub }: Stage, model: string, path: string): Promise<string | null> {
  const headers = { authorization: `Bearer ${names.hubToken}` }
  const response = await fetch(`${hub.url}/${model}/resolve/main/${path}`, { headers })
  return response.ok ? await response.text() : null
}

/**
 * Begins a run by hand; resolves once the ledger knows of the training.
 *
 * @param options.habits how its Job goes wrong from then on
 * @returns the id of the workflow run
 */
export async function begin(
  stage: Stage,
  subject: Case,
  { inputs, habits = {} }: { inputs: Record<string, string>; habits?: JobHabits },
): Promise<number> {
  subject.workflow(inputs)
  const { id } = await stage.runner.manual(`${subject.name}.yml`)
  await until(() => claims(stage, subject.name)[0]?.state === 'started')
  for (const job of jobsOf(stage, subject)) Object.assign(job.habits, habits)
  return id
}

/** Where the token of the Hub is found in all that people can read of a run. */
export async function tokenIn(stage: Stage, subject: Case, run: ActionRun): Promise<Leak[]> {
  const { step, post, summary, outputs } = run
  const texts = [
    // To hide a secret, the runner has to be told what it is.
    `${step.rawOutput}\n${post?.rawOutput}`.replaceAll(/^::add-mask::.*$/gm, ''),
    step.log,
    step.state,
    step.annotations,
    summary,
    outputs,
    claims(stage, subject.name),
    stage.hub.discussions(subject.dataset),
    await modelFile(stage, outputs.model ?? '', 'README.md'),
  ]
  return findSecrets(JSON.stringify(texts), { 'hf-token': names.hubToken })
}
