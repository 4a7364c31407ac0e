import type { Job } from './jobs.ts'

/** The ways to meet a Job: by its id, in the list, by its log, and to stop or label it. */
export type View = 'get' | 'list' | 'logs' | 'write'

/** Milliseconds from a Job's creation until it is there: for all views, or for some of them. */
export type Lateness = number | Partial<Record<View, number>>

/** Which Jobs are hidden, where, and for how long. */
interface Hiding {
  /** @default every Job */
  job?: (job: Job) => boolean
  /** @default all four */
  views?: readonly View[]
  /** Milliseconds from now on, by the Hub's clock. @default until it is lifted */
  forMs?: number
}

/** What callers see of the Jobs that are there. */
export interface Sight {
  /** Hides Jobs, which keep running: by id they answer 404, and the list leaves them out. */
  hide(hiding?: Hiding): { lift(): void }
  /** Whether this view has the Job. */
  sees(job: Job, view: View): boolean
}

const latenessIn = (lateness: Lateness | undefined, view: View) =>
  typeof lateness === 'number' ? lateness : (lateness?.[view] ?? 0)

/**
 * @param options the clock, and how late every Job shows that has no lateness of its own
 * @returns a sight of everything
 */
export function createSight(options: { now: () => Date; shownAfterMs?: Lateness }): Sight {
  const hidden = new Set<Hiding & { until: number }>()
  const now = () => options.now().getTime()
  return {
    hide(hiding = {}) {
      const entry = { ...hiding, until: now() + (hiding.forMs ?? Number.POSITIVE_INFINITY) }
      hidden.add(entry)
      return { lift: () => hidden.delete(entry) }
    },
    sees(job, view) {
      const lateness = latenessIn(job.habits.shownAfterMs ?? options.shownAfterMs, view)
      const isLate = now() < job.createdAt.getTime() + lateness
      const isHidden = [...hidden].some(
        ({ until, views, job: fits }) =>
          now() < until && (views?.includes(view) ?? true) && (fits?.(job) ?? true),
      )
      return !isLate && !isHidden
    },
  }
}
