import type { Account, Token } from '../accounts/accounts.ts'
import { HubRefusal } from '../errors.ts'
import type { Job } from '../jobs/jobs.ts'
import { isFinal } from '../jobs/jobs.ts'
import type { JobSpec } from '../jobs/spec.ts'
import type { Times } from './schedule-times.ts'
import { readSchedule } from './schedule-times.ts'

/** A Job that starts again and again. Its secrets are stored with it. */
export interface ScheduledJob {
  id: string
  owner: Account
  token: Token
  spec: JobSpec
  schedule: string
  suspend: boolean
  /** Whether a run may start while the one before goes on. */
  concurrency: boolean
  createdAt: Date
  nextRunAt: Date | undefined
  lastJob: Job | undefined
}

/** All scheduled Jobs of the Hub. Nothing starts by itself: a test says when the Hub looks at its clock. */
export interface Schedules {
  add(
    scheduled: Pick<ScheduledJob, 'owner' | 'token' | 'spec' | 'schedule' | 'suspend' | 'concurrency'>,
  ): ScheduledJob
  of(owner: Account): readonly ScheduledJob[]
  /** Throws the 404 of one that the account does not have. */
  get(owner: Account, id: string): ScheduledJob
  remove(scheduled: ScheduledJob): void
  /** Another time for it; throws the 400 of an invalid one. */
  reschedule(scheduled: ScheduledJob, schedule: string): void
  /** Starts it now; throws the 409 of one that still runs and may not run twice. */
  run(scheduled: ScheduledJob): Job
  /** Starts all that are due by the Hub's clock, each once, however often its time has passed. */
  runDue(): Job[]
}

/**
 * @param options ids, the clock, and what starts a Job
 * @returns no scheduled Jobs yet
 */
export function createSchedules(options: {
  newId: () => string
  now: () => Date
  start: (scheduled: ScheduledJob) => Job
}): Schedules {
  const all: ScheduledJob[] = []
  const times = new Map<ScheduledJob, Times>()
  const { now } = options

  const isBusy = ({ lastJob, concurrency }: ScheduledJob) =>
    !concurrency && lastJob !== undefined && !isFinal(lastJob.stage)

  const reschedule: Schedules['reschedule'] = (scheduled, schedule) => {
    const read = readSchedule(schedule)
    times.set(scheduled, read)
    Object.assign(scheduled, { schedule, nextRunAt: read.after(now()) })
  }

  const run: Schedules['run'] = (scheduled) => {
    if (isBusy(scheduled)) throw new HubRefusal(409, 'The scheduled Job is already running')
    scheduled.lastJob = options.start(scheduled)
    return scheduled.lastJob
  }

  return {
    reschedule,
    run,
    of: (owner) => all.filter((scheduled) => scheduled.owner.id === owner.id),
    add(given) {
      const made = { id: options.newId(), createdAt: now(), nextRunAt: undefined, lastJob: undefined }
      const scheduled: ScheduledJob = { ...given, ...made }
      reschedule(scheduled, given.schedule)
      all.push(scheduled)
      return scheduled
    },
    get(owner, id) {
      const found = all.find((scheduled) => scheduled.id === id && scheduled.owner.id === owner.id)
      if (found === undefined) throw new HubRefusal(404, 'Scheduled Job not found')
      return found
    },
    remove(scheduled) {
      all.splice(all.indexOf(scheduled), 1)
      times.delete(scheduled)
    },
    runDue() {
      const due = all.filter(({ nextRunAt }) => nextRunAt !== undefined && nextRunAt <= now())
      return due.flatMap((scheduled) => {
        scheduled.nextRunAt = times.get(scheduled)?.after(now())
        return scheduled.suspend || isBusy(scheduled) ? [] : [run(scheduled)]
      })
    },
  }
}
