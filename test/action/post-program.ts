import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createPending, type PendingTraining } from '../../src/run/close/pending.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the end of a job left. */
interface Posted {
  readonly code: number
  readonly warnings: string[]
  readonly errors: string[]
  readonly summary: string
}

/**
 * Runs the program as the end of a job, as the runner does.
 *
 * @param options.folder for the summary
 */
export function runPostProgram(options: {
  folder: string
  state: Record<string, string>
  environment?: Record<string, string>
}): Promise<Posted> {
  const { folder, state, environment = {} } = options
  const summary = join(folder, 'summary')
  writeFileSync(summary, '')
  const env = {
    PATH: process.env.PATH ?? '',
    STATE_isPost: 'true',
    GITHUB_REPOSITORY: 'acme/retrain',
    GITHUB_RUN_ID: '1',
    GITHUB_EVENT_NAME: 'schedule',
    GITHUB_STEP_SUMMARY: summary,
    RUNNER_TEMP: folder,
    // Nothing listens there.
    HF_ENDPOINT: 'http://127.0.0.1:9',
    GITHUB_API_URL: 'http://127.0.0.1:9',
    ...environment,
    ...state,
  }
  const args = ['--import', './test/node-setup.js', 'src/index.ts']
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout) => {
      const lines = (command: string) =>
        stdout.split('\n').flatMap((line) => new RegExp(`^::${command}.*?::(.*)$`).exec(line)?.[1] ?? [])
      resolve({
        code: typeof error?.code === 'number' ? error.code : 0,
        warnings: lines('warning'),
        errors: lines('error'),
        // Markdown escapes what could be markup.
        summary: readFileSync(summary, 'utf8').replaceAll('\\', ''),
      })
    })
  })
}

/** The state of a step after a training was ordered and, unless null, ended in some way. */
export function stateAfter(training: PendingTraining, howItEnded: string | null): string {
  let state = ''
  const pending = createPending((json) => {
    state = json
  })
  pending.add(training)
  if (howItEnded !== null) pending.remove(training.order, howItEnded)
  return state
}
