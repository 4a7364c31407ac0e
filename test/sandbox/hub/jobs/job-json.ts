import type { Account } from '../accounts/accounts.ts'
import type { Job } from './jobs.ts'

const seconds = (from: Date, to: Date) => Math.round((to.getTime() - from.getTime()) / 1000)

/** @returns the object without its undefined values, as JSON would write it */
function present(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

/** @returns a user or an organisation, as Jobs name it */
export function accountJson({ id, name, type }: Account, hub: { url: string }) {
  return { id, name, type, avatarUrl: `${hub.url}/avatars/${id}.svg` }
}

/** @returns what a Job is to run, as the API shows it: secrets by name only */
export function specJson({
  spec,
  secretNames,
  labels,
}: Pick<Job, 'spec' | 'secretNames' | 'labels'>): Record<string, unknown> {
  return present({
    dockerImage: spec.dockerImage,
    command: spec.command,
    arguments: spec.arguments,
    environment: spec.environment,
    flavor: spec.flavor,
    arch: spec.arch,
    timeout: spec.timeoutSeconds ?? undefined,
    retry: spec.attempts - 1,
    secrets: secretNames.length === 0 ? undefined : secretNames,
    labels,
    volumes: spec.volumes?.map((volume) => ({
      ...volume,
      readOnly: volume.type !== 'bucket' || (volume.readOnly ?? false),
    })),
  })
}

/**
 * @param job a Job
 * @param hub the Hub's own address, and the time up to which a Job that has not ended lasts
 * @returns the Job as the API shows it: secrets by name only
 */
export function jobJson(job: Job, hub: { url: string; now: Date }): Record<string, unknown> {
  const { createdAt, startedAt, finishedAt } = job
  const end = finishedAt ?? hub.now
  return present({
    id: job.id,
    type: 'job',
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString(),
    finishedAt: finishedAt?.toISOString(),
    ...specJson(job),
    status: present({
      stage: job.stage,
      message: job.message,
      cancelReason: job.cancelReason,
      failureCount: job.failureCount,
    }),
    createdBy: { id: job.createdBy.id, name: job.createdBy.name },
    owner: accountJson(job.owner, hub),
    initiator: job.initiator ?? accountJson(job.createdBy, hub),
    // At every stage, anew on each request: `_jobs_api.py` of huggingface_hub 2.0 reads them while a Job runs.
    durations: {
      schedulingSecs: seconds(createdAt, startedAt ?? end),
      runningSecs: seconds(startedAt ?? end, end),
      totalSecs: seconds(createdAt, end),
    },
  })
}
