import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type SandboxGitHub, startGitHub } from '../github/github.ts'
import { type RunnerOptions, type SandboxRunner, startRunner } from './runner.ts'
import type { JobResult, RunResult, StepResult } from './step/results.ts'

const actionYml = `
name: Fixture
description: Does what a test wants
inputs:
  who:
    description: a name
    default: nobody
  github-token:
    description: a token
    default: \${{ github.token }}
runs:
  using: node24
  main: main.js
`

/** What a fixture is made of; all have a default. */
export interface FixtureOptions extends Partial<Omit<RunnerOptions, 'github' | 'repository' | 'checkout'>> {
  /** Text of `action.yml`. */
  action?: string
  /** Text of `main.js`: plain Node. @default does nothing */
  main?: string
  /** More files of the repository, text by path. */
  repositoryFiles?: Record<string, string>
  /** Text of the one workflow. @default runs the action on every dispatch and by hand */
  workflow?: string
}

/** A repository in a folder, a sandbox GitHub that knows it, and a runner. */
export interface Fixture {
  github: SandboxGitHub
  runner: SandboxRunner
  folder: string
  /** Sends a dispatch and waits for the one run it starts. */
  run(clientPayload?: Record<string, unknown>): Promise<RunResult>
  close(): Promise<void>
}

/** A workflow of one job with these steps (YAML, from its first dash on). */
export function workflowOf(steps: string, top = ''): string {
  const indented = steps.trim().replaceAll('\n', '\n      ')
  return `on:
  repository_dispatch:
  workflow_dispatch:
  schedule: [{ cron: '0 5 * * *' }]
${top}
jobs:
  only:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      ${indented}
`
}

/** Writes the repository, and starts GitHub and the runner. */
export async function startFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const { action = actionYml, main = '', repositoryFiles = {}, workflow, ...rest } = options
  const folder = mkdtempSync(join(tmpdir(), 'fixture-'))
  const files = {
    'action.yml': action,
    'main.js': main,
    '.github/workflows/fixture.yml': workflow ?? workflowOf('- uses: ./\n  id: action'),
    ...repositoryFiles,
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const github = await startGitHub({ repositories: [{ name: 'acme/retrain' }] })
  const runner = await startRunner({ ...rest, github, repository: 'acme/retrain', checkout: folder })
  return {
    github,
    runner,
    folder,
    async run(clientPayload) {
      const [run] = await runner.dispatch('hub-webhook', clientPayload)
      if (run === undefined) throw new Error('The dispatch started no run.')
      return runner.finished(run.id)
    },
    async close() {
      await runner.close()
      await github.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The job of that id; the only one without an id. */
export function jobOf(run: RunResult, id = run.jobs[0]?.id): JobResult {
  const job = run.jobs.find((each) => each.id === id)
  if (job === undefined) throw new Error(`The run has no job ${id}: ${run.problems.join('\n')}`)
  return job
}

/** The first step of the run that is called so, or has that id. */
export function stepOf(run: RunResult, name: string): StepResult {
  const steps = run.jobs.flatMap((job) => job.steps)
  const step = steps.find((each) => each.name === name || each.id === name)
  if (step === undefined) {
    const known = steps.map((each) => `${each.id} (${each.name})`).join(', ')
    throw new Error(`The run has no step ${name}, only ${known}. ${run.problems.join('\n')}`)
  }
  return step
}
