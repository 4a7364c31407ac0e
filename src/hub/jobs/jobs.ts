import { cancelJob, getJob, type JobVolume, runJob } from '@huggingface/hub'
import * as z from 'zod/mini'
import { readTime } from '../../domain/text/format.ts'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'

/** Optional fields of an unknown form count as missing: the Job runs and costs money all the same. */
const text = z.catch(z.nullish(z.string()), null)
const time = z.catch(z.nullish(z.string().check(z.refine((value) => readTime(value) !== null))), null)
const seconds = z.catch(z.nullish(z.number()), null)

const jobSchema = z.object({
  // It is used in URLs.
  id: z.string().check(z.regex(/^[\w-]{1,100}$/)),
  status: z.object({ stage: z.string(), message: text, cancelReason: text }),
  createdAt: time,
  startedAt: time,
  finishedAt: time,
  flavor: text,
  timeout: seconds,
  timeoutSeconds: seconds,
  labels: z.catch(z.nullish(z.record(z.string(), z.unknown())), null),
  volumes: z.catch(
    z.nullish(z.array(z.catch(z.nullable(z.object({ type: text, revision: text })), null))),
    null,
  ),
})

/** A Job on Hugging Face Jobs. Times are milliseconds since the epoch. */
export interface Job {
  readonly id: string
  /** The Job's page. */
  readonly url: string
  /** Any text, because the Hub's list of stages grows. */
  readonly stage: string
  /** The Hub's message about the stage, which is from outside. */
  readonly message: string | null
  /** Why the Hub cancelled it, such as `NO_CREDITS`. */
  readonly cancelReason: string | null
  readonly createdAt: number | null
  readonly startedAt: number | null
  readonly finishedAt: number | null
  readonly flavor: string | null
  /** The time limit; null when the Hub does not show it. */
  readonly timeoutMs: number | null
  /** Empty when the Hub shows none, or shows them in another form. */
  readonly labels: Readonly<Record<string, string>>
  /** The volumes that the Hub shows; there may be others. */
  readonly volumes: readonly { readonly type: string | null; readonly revision: string | null }[]
}

/** The Job to start. https://huggingface.co/docs/hub/api#jobs */
export interface JobSpec {
  readonly image: string
  readonly command: readonly string[]
  /** Readable by everyone who can read the Job. */
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  readonly hardware: string
  /** The Hub's default would be 30 minutes. */
  readonly timeoutSeconds: number
  /** How often the Hub runs a Job that fails; left out: not sent, and the Hub runs it once. */
  readonly attempts?: 1
  /** Letters, digits and `._-` only. */
  readonly labels: Readonly<Record<string, string>>
  readonly volumes: readonly JobVolume[]
}

/** Identifies a Job. */
export interface JobPlace {
  /** The user or organisation that pays. */
  readonly namespace: string
  readonly id: string
}

/** The address of a Job's page. */
export function jobUrl(hub: Hub, { namespace, id }: JobPlace): string {
  return `${hub.url}/jobs/${namespace}/${id}`
}

/**
 * The stages of a Job that has ended. All others count as running, also unknown ones. The client's type of the stages
 * is that of Spaces.
 * https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/_jobs_api.py
 */
const finalStages = ['COMPLETED', 'CANCELED', 'ERROR', 'DELETED']

/** Whether a Job has ended. */
export function isOver({ stage }: Job): boolean {
  return finalStages.includes(stage)
}

/**
 * Starts a Job. The request is never retried: that could start a second Job.
 *
 * @param options.signal without it the call cannot be interrupted
 * @throws HttpError, NoAnswerError, or Error when the answer is not a Job. Except after a 4xx, the Job may have been
 *   started
 */
export async function startJob(
  hub: Hub,
  options: { namespace: string; spec: JobSpec; signal?: AbortSignal | undefined },
): Promise<Job> {
  const { namespace, spec, signal } = options
  const answer = await runJob({
    ...hub.access(signal),
    namespace,
    dockerImage: spec.image,
    command: [...spec.command],
    environment: { ...spec.environment },
    secrets: { ...spec.secrets },
    // The client's type has the hardware of Spaces only; the trainer checks the name against the Hub's list.
    flavor: spec.hardware as Parameters<typeof runJob>[0]['flavor'],
    timeoutSeconds: spec.timeoutSeconds,
    ...(spec.attempts !== undefined && { attempts: spec.attempts }),
    labels: { ...spec.labels },
    volumes: [...spec.volumes],
  })
  return toJob(hub, namespace, answer)
}

/**
 * Reads a Job.
 *
 * @returns null when there is no Job with this id
 */
export async function readJob(
  hub: Hub,
  { namespace, id, signal }: JobPlace & { signal?: AbortSignal | undefined },
): Promise<Job | null> {
  try {
    return toJob(hub, namespace, await getJob({ ...hub.access(signal), namespace, jobId: id }))
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}

/** Asks the Hub to stop a Job. May be repeated. */
export async function stopJob(
  hub: Hub,
  { namespace, id, signal }: JobPlace & { signal?: AbortSignal | undefined },
): Promise<void> {
  await cancelJob({ ...hub.access(signal), namespace, jobId: id })
}

/**
 * Parses the Hub's answer about a Job. Only id and stage, which are needed to follow it, are required.
 *
 * @throws Error when it is not a Job
 */
export function toJob(hub: Hub, namespace: string, answer: unknown): Job {
  const result = jobSchema.safeParse(answer)
  if (!result.success) {
    const paths = result.error.issues.map(({ path }) => path.join('.') || 'the whole body')
    throw new Error(`The Hub's answer is not a Job (missing or wrong: ${paths.join(', ')}).`)
  }
  const { id, status, volumes, flavor, labels, timeout, timeoutSeconds, ...times } = result.data
  // The API's reference uses one name, its client the other.
  const limitSeconds = timeout ?? timeoutSeconds ?? null
  const at = (value: string | null | undefined) => (value ? readTime(value) : null)
  return {
    id,
    url: jobUrl(hub, { namespace, id }),
    stage: status.stage,
    message: status.message ?? null,
    cancelReason: status.cancelReason ?? null,
    createdAt: at(times.createdAt),
    startedAt: at(times.startedAt),
    finishedAt: at(times.finishedAt),
    flavor: flavor ?? null,
    timeoutMs: limitSeconds === null ? null : limitSeconds * 1000,
    labels: Object.fromEntries(
      Object.entries(labels ?? {}).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value]] : [],
      ),
    ),
    volumes: (volumes ?? []).flatMap((volume) => {
      return volume === null ? [] : [{ type: volume.type ?? null, revision: volume.revision ?? null }]
    }),
  }
}
