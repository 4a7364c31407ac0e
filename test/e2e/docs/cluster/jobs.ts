import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** How often the stand-ins of a cluster's commands look at a job. */
const everyMs = 50

/** The jobs of a cluster that stands in for a real one, in a folder: each has a folder of its own, by its name. */
export interface Jobs {
  /** Starts a script as a process that outlives its parent, as a job of a cluster does. */
  start(job: { name: string; script: string; log: string; environment: NodeJS.ProcessEnv }): void
  /** The exit code of a job; null while it runs. */
  code(name: string): number | null
  /** Resolves with the exit code once the job has ended. */
  ended(name: string): Promise<number>
  /** Ends a job that runs, and notes that it was cancelled. Does nothing for a job that has ended or never was. */
  cancel(name: string): void
  /** The path of a file of a job. */
  file(name: string, file: string): string
}

/** The jobs of the cluster whose folder is in `CLUSTER`. */
export function jobsIn({ CLUSTER = '' }: NodeJS.ProcessEnv): Jobs {
  const file = (name: string, path: string) => join(CLUSTER, name, path)
  const code = (name: string) => {
    const text = existsSync(file(name, 'code')) ? readFileSync(file(name, 'code'), 'utf8').trim() : ''
    return text === '' ? null : Number(text)
  }
  return {
    file,
    code,
    start({ name, script, log, environment }) {
      mkdirSync(join(CLUSTER, name), { recursive: true })
      // A cluster's machine is none of the runner's: the runner must not find the job by its mark.
      const { RUNNER_TRACKING_ID: _, ...env } = environment
      const run = 'bash "$1" > "$2" 2>&1; echo $? > "$3"'
      const args = ['-c', run, 'job', script, log, file(name, 'code')]
      const job = spawn('bash', args, { detached: true, stdio: 'ignore', env })
      writeFileSync(file(name, 'pid'), `${job.pid}`)
      job.unref()
    },
    async ended(name) {
      for (;;) {
        const ended = code(name)
        if (ended !== null) return ended
        await setTimeout(everyMs)
      }
    },
    cancel(name) {
      if (!existsSync(file(name, 'pid')) || code(name) !== null) return
      process.kill(-Number(readFileSync(file(name, 'pid'), 'utf8')), 'SIGKILL')
      writeFileSync(file(name, 'code'), '1')
      writeFileSync(file(name, 'cancelled'), '')
    },
  }
}

/**
 * The environment of a job that gets only what it was given, and a token of the cluster's own.
 *
 * @param environment of the command that started it
 */
export function environmentOfJob(
  { PATH, HF_ENDPOINT, HF_TOKEN, CLUSTER }: NodeJS.ProcessEnv,
  given: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  return { PATH, HF_ENDPOINT, CLUSTER, ...given, HF_TOKEN }
}
