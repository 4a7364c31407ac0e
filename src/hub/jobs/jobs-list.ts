import * as z from 'zod/mini'
import { nextLink } from '../../http/headers/link-header.ts'
import type { Hub } from '../hub.ts'
import { type Job, toJob } from './jobs.ts'

/** Pages of a list after which it is taken for one without an end. */
const maxPages = 100

const labelledSchema = z.object({ labels: z.optional(z.unknown()) })
const labelsSchema = z.record(z.string(), z.unknown())

/**
 * The Jobs of a namespace that carry all of the given labels, in the Hub's order: the newest first. Not through the
 * client, whose list has no filter and reads the first page only.
 * https://huggingface.co/docs/hub/api#get-apijobsnamespace
 *
 * @param options.labels at least one; names and values have letters, digits and `._-`
 * @throws HttpError or NoAnswerError; Error when the list cannot be read to its end, or does not tell Jobs apart
 */
export async function jobsWithLabels(
  hub: Hub,
  options: {
    namespace: string
    labels: Readonly<Record<string, string>>
    signal?: AbortSignal | undefined
  },
): Promise<Job[]> {
  const { namespace, labels: wanted, signal } = options
  // The Hub lists the Jobs that have all of them.
  const query = new URLSearchParams(
    Object.entries(wanted).map(([label, value]) => ['label', `${label}=${value}`]),
  )
  const found: Job[] = []
  let isFiltered = true
  let withoutLabels = 0
  let url: string | null = `${listUrl(hub, namespace)}?${query}`
  for (let page = 1; url !== null; page++) {
    if (page > maxPages) throw new Error('The list of Jobs at the Hub does not come to an end.')
    const { jobs, next }: Page = await readPage(hub, url, signal)
    for (const job of jobs) {
      const labels = labelledSchema.safeParse(job).data?.labels
      if (carriesAll(labels, wanted)) found.push(toJob(hub, namespace, job))
      else if (hasLabels(labels)) isFiltered = false
      else withoutLabels += 1
    }
    url = next
  }
  // A Hub that does not know the filter lists everything, also Jobs that have no labels.
  if (found.length === 0 && isFiltered && withoutLabels > 0) {
    throw new Error(
      'The Hub does not show their labels with its Jobs, so that one cannot be told from another.',
    )
  }
  return found
}

/**
 * Asks whether the token may see the Jobs of a namespace.
 *
 * @throws HttpError with 401, 403 or 404 when it may not
 */
export async function checkJobsAccess(
  hub: Hub,
  { namespace, signal }: { namespace: string; signal?: AbortSignal | undefined },
): Promise<void> {
  await readPage(hub, listUrl(hub, namespace), signal)
}

const listUrl = (hub: Hub, namespace: string) => `${hub.url}/api/jobs/${encodeURIComponent(namespace)}`

interface Page {
  readonly jobs: readonly unknown[]
  /** Null on the last one. */
  readonly next: string | null
}

async function readPage(hub: Hub, url: string, signal: AbortSignal | undefined): Promise<Page> {
  const response = await hub.fetchFor(signal)(url, {
    headers: { accept: 'application/json', authorization: `Bearer ${hub.token}` },
  })
  const jobs = parseList(await response.text())
  if (jobs === null) throw new Error('The Hub answered with something that is no list of Jobs.')
  return { jobs, next: nextPage(hub, url, response.headers.get('link')) }
}

function parseList(text: string): unknown[] | null {
  try {
    const answer: unknown = JSON.parse(text)
    return Array.isArray(answer) ? answer : null
  } catch {
    return null
  }
}

/**
 * The address of the next page.
 *
 * @throws Error when it is not at the Hub: the token goes nowhere else, and what is there would be missing
 */
function nextPage(hub: Hub, url: string, links: string | null): string | null {
  const target = nextLink(links)
  if (target === null) return null
  const next = new URL(target, url)
  if (next.origin === new URL(hub.url).origin) return next.href
  throw new Error('The list of Jobs at the Hub goes on at another address, and cannot be read to its end.')
}

function carriesAll(labels: unknown, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([label, value]) => carries(labels, { label, value }))
}

/** A missed Job is started (and paid) twice, so labels of unknown shape are matched as text. */
function carries(labels: unknown, { label, value }: { label: string; value: string }): boolean {
  const known = labelsSchema.safeParse(labels)
  const carried = known.success ? known.data[label] : labels
  if (known.success && typeof carried === 'string') return carried === value
  return JSON.stringify(carried ?? '').includes(value)
}

/** Whether a Job is shown with any labels, in whatever form. */
function hasLabels(labels: unknown): boolean {
  return !['null', '{}', '[]', '""'].includes(JSON.stringify(labels ?? null))
}
