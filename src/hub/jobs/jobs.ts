import { cancelJob, getJob, type JobVolume, runJob } from '@huggingface/hub'
import * as z from 'zod/mini'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'

/** Of what is good to know, a Job has none when it cannot be read: it is paid for all the same. */
const text = z.catch(z.nullish(z.string()), null)
const time = z.catch(z.nullish(z.string().check(z.refine((value) => !Number.isNaN(Date.parse(value))))), null)
const seconds = z.catch(z.nullish(z.number()), null)

const jobSchema = z.object({
  // It becomes part of URLs.
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
  /** How long it may run, in milliseconds; null where the Hub does not show it. */
  readonly timeout: number | null
  /** Empty where the Hub shows none, or shows them in another form. */
  readonly labels: Readonly<Record<string, string>>
  /** As the Hub shows them, which says nothing against others that it does not show. */
  readonly volumes: readonly { readonly type: string | null; readonly revision: string | null }[]
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

function access(hub: Hub, signal: AbortSignal | undefined) {
  return { accessToken: hub.token, hubUrl: hub.url, fetch: hub.fetchFor(signal) }
}

/**
 * Reads what the Hub says of a Job. Only what is needed to follow it must be as documented: its id and its stage.
 *
 * @throws Error when it is no Job
 */
export function toJob(hub: Hub, namespace: string, answer: unknown): Job {
  const result = jobSchema.safeParse(answer)
  if (!result.success) throw new Error('The Hub answered with something that is no Job.')
  const { id, status, volumes, flavor, labels, timeout, timeoutSeconds, ...times } = result.data
  // The reference of the API has one name, its client the other.
  const limit = timeout ?? timeoutSeconds ?? null
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
    timeout: limit === null ? null : limit * 1000,
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
