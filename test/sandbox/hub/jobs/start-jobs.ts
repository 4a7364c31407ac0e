import type { Account } from '../accounts/accounts.ts'
import type { RealPrograms } from './container/real-programs.ts'
import { runJob } from './container/run-job.ts'
import type { UvOptions } from './container/uv-image.ts'
import type { Mount } from './container/volumes.ts'
import type { Job, Jobs } from './jobs.ts'
import { createJobs, isFinal } from './jobs.ts'
import { createMachines, type Machines } from './machines.ts'
import type { Initiator } from './order.ts'
import { createSight, type Lateness, type Sight } from './sight.ts'
import type { JobSpec } from './spec.ts'

/** How Jobs may be told to differ from their defaults. */
export interface JobsOptions extends UvOptions {
  /** How long a second of `timeoutSeconds` lasts, in milliseconds. @default 1000 */
  secondMs?: number
  /** Calls once after that many milliseconds, unless the function it returns is called first. @default setTimeout */
  timer?: (ms: number, run: () => void) => () => void
  /** Between two comments in a silent log, in milliseconds. @default 30_000 */
  keepAliveMs?: number
  /** Between SIGTERM and SIGKILL when a Job is stopped, in milliseconds. @default 500 */
  graceMs?: number
  /** From the end of the log to the Job's last stage, in milliseconds. @default 20 */
  finishDelayMs?: number
  /** How long after its creation a Job shows, by the Hub's clock. @default at once */
  shownAfterMs?: Lateness
  /** What Jobs run in place of the stand-ins. @default the stand-ins */
  real?: RealPrograms
  /** The command of this machine that plays a Job in place of its own; undefined runs its own. @default its own */
  play?: (job: Job) => readonly string[] | undefined
}

/** The part of the Hub that runs Jobs. */
export interface JobRunner extends Jobs, Sight {
  readonly keepAliveMs: number
  /** Creates a Job and lets it run. */
  start(job: {
    owner: Account
    createdBy: Account
    spec: JobSpec
    mounts: readonly Mount[]
    initiator?: Initiator
  }): Job
  /** Stops a Job; false when it has ended already. */
  cancel(job: Job): boolean
  /** Deletes a Job, and kills what runs of it. */
  remove(job: Job): void
  /** The account's credits are used up: its Jobs are cancelled, and no new one starts. */
  useUpCredits(namespace: string): void
  /** The machine of a Job is gone. How the Hub words it is not documented. @param message default `Node lost` */
  loseNode(job: Job, message?: string): void
  /** Whether a kind of hardware has a machine free; its new Jobs stay in SCHEDULING while it has none. */
  setFree: Machines['setFree']
  /** Resolves once no Job's processes are left. */
  settled(): Promise<void>
  /** Kills everything that still runs. */
  close(): Promise<void>
}

/**
 * @param options clock, ids, the Hub's address, and {@link JobsOptions}
 * @returns a runner without Jobs
 */
export function createJobRunner(
  options: JobsOptions & { newId: () => string; now: () => Date; hubUrl: () => string },
): JobRunner {
  const { secondMs = 1000, keepAliveMs = 30_000, graceMs = 500, finishDelayMs = 20, now } = options
  const { timer = realTimer, real, play } = options
  const jobs = createJobs(options)
  const machines = createMachines()
  const running = new Set<Promise<void>>()

  const settled = async () => {
    while (running.size > 0) await Promise.allSettled(running)
  }

  return {
    ...jobs,
    ...createSight(options),
    keepAliveMs,
    setFree: machines.setFree,
    settled,
    start(order) {
      const job = jobs.add(order)
      const hubUrl = options.hubUrl()
      const world = {
        now,
        timer,
        secondMs,
        graceMs,
        finishDelayMs,
        hubUrl,
        machines,
        real,
        play,
        uv: options,
      }
      const run: Promise<void> = runJob(job, order.spec.secrets, world).finally(() => running.delete(run))
      running.add(run)
      return job
    },
    cancel(job) {
      if (isFinal(job.stage)) return false
      job.end.abort({ stage: 'CANCELED', message: null, graceMs })
      return true
    },
    remove(job) {
      job.end.abort({ stage: 'DELETED', message: null, graceMs: 0 })
      jobs.remove(job)
    },
    useUpCredits(namespace) {
      jobs.setCredits(namespace, false)
      for (const job of jobs.all.filter(({ owner, stage }) => owner.name === namespace && !isFinal(stage))) {
        job.end.abort({ stage: 'CANCELED', message: null, cancelReason: 'NO_CREDITS', graceMs: 0 })
      }
    },
    loseNode(job, message = 'Node lost') {
      job.end.abort({ stage: 'ERROR', message, graceMs: 0 })
    },
    async close() {
      for (const job of jobs.all) {
        if (!isFinal(job.stage)) job.end.abort({ stage: 'CANCELED', message: null, graceMs: 0 })
      }
      await settled()
    },
  }
}

function realTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}
