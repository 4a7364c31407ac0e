import { cancelJob, getJob, type JobVolume, runJob } from '@huggingface/hub'
import * as z from 'zod/mini'
import { HttpError } from '../http/errors.ts'
import type { Hub } from './hub.ts'

const time = z.nullish(z.string().check(z.refine((value) => !Number.isNaN(Date.parse(value)))))

const jobSchema = z.object({
  // It becomes part of URLs.
  id: z.string().check(z.regex(/^[\w-]{1,100}$/)),
  status: z.object({
    stage: z.string(),
    message: z.nullish(z.string()),
    cancelReason: z.nullish(z.string()),
  }),
  createdAt: time,
  startedAt: time,
  finishedAt: time,
  flavor: z.nullish(z.string()),
  labels: z.nullish(z.record(z.string(), z.string())),
  volumes: z.nullish(
    z.array(z.object({ type: z.string(), source: z.string(), revision: z.nullish(z.string()) })),
  ),
})

/** A Job on Hugging Face Jobs, as far as it is read here. Times are milliseconds since the epoch. */
export interface Job {
  readonly id: string
  /** The page of the Job. */
  readonly url: string
  /** A word of the Hub: text, because the list of them grows. */
  readonly stage: string
  /** What the Hub says about the stage: from outside. */
  readonly message: string | null
  /** Why the Hub itself cancelled it, such as `NO_CREDITS`. */
  readonly cancelReason: string | null
  readonly createdAt: number | null
  readonly startedAt: number | null
  readonly finishedAt: number | null
  readonly flavor: string | null
  readonly labels: Readonly<Record<string, string>>
  readonly volumes: readonly { readonly type: string; readonly revision: string | null }[]
}

/** What to run. https://huggingface.co/docs/hub/api#jobs */
export interface JobSpec {
  readonly image: string
  readonly command: readonly string[]
  /** Readable by everyone who can read the Job. */
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  readonly hardware: string
  /** The Hub would take 30 minutes when it is left out. */
  readonly timeoutSeconds: number
  /** Letters, digits and `._-` only. */
  readonly labels: Readonly<Record<string, string>>
  readonly volumes: readonly JobVolume[]
}

/** Where one Job is. */
export interface JobPlace {
  /** The user or organisation that pays. */
  readonly namespace: string
  readonly id: string
}

/** Where a person can look at a Job. */
export function jobUrl(hub: Hub, { namespace, id }: JobPlace): string {
  return `${hub.url}/jobs/${namespace}/${id}`
}

/**
 * The stages after which nothing more happens. Everything else counts as under way, also words that are not known
 * yet. The client's own type of the stages is that of Spaces.
 * https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/_jobs_api.py
 */
const lastStages = ['COMPLETED', 'CANCELED', 'ERROR', 'DELETED']

/** Whether a Job has come to its end. */
export function isOver({ stage }: Job): boolean {
  return lastStages.includes(stage)
}

/**
 * Starts a Job. It is sent once: a second try could start a second Job.
 *
 * @param options.signal null: the call runs to its end, whatever happens meanwhile
 * @throws HttpError, NoAnswerError, or the error of an answer that is no Job: all but a 4xx leave open whether one
 *   was started
 */
export async function startJob(
  hub: Hub,
  options: { namespace: string; spec: JobSpec; signal?: AbortSignal | undefined },
): Promise<Job> {
  const { namespace, spec, signal } = options
  const answer = await runJob({
    ...access(hub, signal),
    namespace,
    dockerImage: spec.image,
    command: [...spec.command],
    environment: { ...spec.environment },
    secrets: { ...spec.secrets },
    // The client knows the hardware of Spaces only; the Hub's list is asked before.
    flavor: spec.hardware as Parameters<typeof runJob>[0]['flavor'],
    timeoutSeconds: spec.timeoutSeconds,
    attempts: 1,
    labels: { ...spec.labels },
    volumes: [...spec.volumes],
  })
  return toJob(hub, namespace, answer)
}

/**
 * Looks at a Job.
 *
 * @returns null when there is none of that id
 */
export async function readJob(
  hub: Hub,
  { namespace, id, signal }: JobPlace & { signal?: AbortSignal | undefined },
): Promise<Job | null> {
  try {
    return toJob(hub, namespace, await getJob({ ...access(hub, signal), namespace, jobId: id }))
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}

/** Asks the Hub to stop a Job. Harmless when it is asked twice. */
export async function stopJob(
  hub: Hub,
  { namespace, id, signal }: JobPlace & { signal?: AbortSignal | undefined },
): Promise<void> {
  await cancelJob({ ...access(hub, signal), namespace, jobId: id })
}

/**
 * The Jobs of a namespace that carry a label. Not through the client, whose list has no filter and reads the first
 * page only.
 * https://huggingface.co/docs/hub/api#get-apijobsnamespace
 *
 * @param options.label letters, digits and `._-`
 */
export async function jobsWithLabel(
  hub: Hub,
  options: { namespace: string; label: string; value: string; signal?: AbortSignal | undefined },
): Promise<Job[]> {
  const { namespace, label, value, signal } = options
  const query = new URLSearchParams({ label: `${label}=${value}` })
  const path = `/api/jobs/${encodeURIComponent(namespace)}?${query}`
  const found = await hub.api.call({ method: 'GET', path, answer: z.array(jobSchema), signal })
  const jobs = found.map((job) => toJob(hub, namespace, job))
  // A Hub that does not know the filter would list everything.
  return jobs.filter(({ labels }) => labels[label] === value)
}

function access(hub: Hub, signal: AbortSignal | undefined) {
  return { accessToken: hub.token, hubUrl: hub.url, fetch: hub.fetchFor(signal) }
}

function toJob(hub: Hub, namespace: string, answer: unknown): Job {
  const result = jobSchema.safeParse(answer)
  if (!result.success) throw new Error('The Hub answered with something that is no Job.')
  const { id, status, labels, volumes, flavor, ...times } = result.data
  const at = (value: string | null | undefined) => (value ? Date.parse(value) : null)
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
    labels: labels ?? {},
    volumes: (volumes ?? []).map(({ type, revision }) => ({ type, revision: revision ?? null })),
  }
}
