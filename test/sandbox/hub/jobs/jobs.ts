import type { Account } from '../accounts/accounts.ts'
import { HubRefusal } from '../errors.ts'
import type { Mount } from './container/volumes.ts'
import type { LogBook } from './log-book.ts'
import { createLogBook } from './log-book.ts'
import type { LogReplay, LogTimes, StreamHabit } from './log-stream.ts'
import type { Initiator } from './order.ts'
import type { Lateness } from './sight.ts'
import type { JobSpec } from './spec.ts'

/** https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/_jobs_api.py */
export const STAGES = ['SCHEDULING', 'RUNNING', 'COMPLETED', 'CANCELED', 'ERROR', 'DELETED'] as const

/** Where a Job is. */
export type Stage = (typeof STAGES)[number]

/** How a Job goes wrong. */
export interface JobHabits {
  /** The image is pulled and pulled: the Job stays in SCHEDULING until it is cancelled. */
  imagePull?: 'endless'
  /** When a line fits, the kernel kills the Job's largest process for want of memory. */
  oomKillAt?: RegExp
  /** When a line fits, the credits are used up: the Hub cancels the Job. */
  outOfCreditsAt?: RegExp
  /** What the Hub calls a Job that ran into its time limit, which is not documented. @default an error, `Job timeout` */
  timeout?: { stage: 'ERROR' | 'CANCELED'; message: string | null }
  /** How long after its creation it shows, by the Hub's clock. @default at once */
  shownAfterMs?: Lateness
  /** How the first connections to the log go wrong, one by one. */
  logStreams?: readonly StreamHabit[]
  /** What every connection to the log but the first one sends of the lines that are there already. @default all */
  logReplay?: LogReplay
  /** How exact the times in the log are. @default exact */
  logTimes?: LogTimes
}

/** One Job. */
export interface Job {
  id: string
  owner: Account
  createdBy: Account
  /** @default the user who created it */
  initiator?: Initiator
  /** As it was asked for, without the values of its secrets. */
  spec: Omit<JobSpec, 'secrets' | 'labels'>
  secretNames: readonly string[]
  labels: Readonly<Record<string, string>>
  mounts: readonly Mount[]
  habits: JobHabits
  streamHabits: StreamHabit[]
  /** How many connections to its log there were. */
  logConnections: number
  log: LogBook
  stage: Stage
  message: string | null
  cancelReason?: string
  failureCount: number
  createdAt: Date
  startedAt?: Date
  finishedAt?: Date
  /** Ends it, with a stage and what to say. Nothing happens once it has ended. */
  end: AbortController
}

/** Why a Job is made to end. */
export interface Ending {
  stage: Stage
  message: string | null
  cancelReason?: string
  /** How long its processes get after they were asked to end. */
  graceMs: number
}

/** All Jobs of the Hub. */
export interface Jobs {
  readonly all: readonly Job[]
  add(job: Pick<Job, 'owner' | 'createdBy' | 'mounts' | 'initiator'> & { spec: JobSpec }): Job
  /** Throws the 404 of a Job that the account does not have. */
  get(owner: Account, id: string): Job
  /** Takes a Job out of everything that the Hub shows. */
  remove(job: Job): void
  /** How the next Job that is created goes wrong. */
  next(habits: JobHabits): void
  /** @default true for every account */
  setCredits(namespace: string, hasCredits: boolean): void
  hasCredits(owner: Account): boolean
}

/** A Job that is not there, or that nothing is to be seen of. */
export const jobNotFound = () => new HubRefusal(404, 'Job not found')

/** @returns whether nothing more happens to a Job in this stage */
export function isFinal(stage: Stage): boolean {
  return stage !== 'SCHEDULING' && stage !== 'RUNNING'
}

/**
 * @param options where ids and times come from
 * @returns no Jobs yet
 */
export function createJobs(options: { newId: () => string; now: () => Date }): Jobs {
  const all: Job[] = []
  const habitsToCome: JobHabits[] = []
  const broke = new Set<string>()
  return {
    all,
    next: (habits) => habitsToCome.push(habits),
    setCredits(namespace, hasCredits) {
      if (hasCredits) broke.delete(namespace)
      else broke.add(namespace)
    },
    hasCredits: (owner) => !broke.has(owner.name),
    add({ spec, ...rest }) {
      const { secrets, labels = {}, ...kept } = spec
      const habits = habitsToCome.shift() ?? {}
      const job: Job = {
        ...rest,
        id: options.newId(),
        spec: kept,
        secretNames: Object.keys(secrets),
        labels,
        habits,
        streamHabits: [...(habits.logStreams ?? [])],
        logConnections: 0,
        log: createLogBook(options.now),
        stage: 'SCHEDULING',
        message: null,
        failureCount: 0,
        createdAt: options.now(),
        end: new AbortController(),
      }
      all.push(job)
      return job
    },
    remove: (job) => {
      all.splice(all.indexOf(job), 1)
    },
    get(owner, id) {
      const found = all.find((job) => job.id === id && job.owner.id === owner.id)
      if (found === undefined) throw jobNotFound()
      return found
    },
  }
}
