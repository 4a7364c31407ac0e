import * as z from 'zod/mini'
import { parseJson } from '../../domain/parse-json.ts'
import { nextLink } from '../../http/headers/link-header.ts'
import type { Hub } from '../hub.ts'
import { type Job, toJob } from './jobs.ts'

/** Pages of a list after which it is taken for one without an end. */
const maxPages = 100

const labelledSchema = z.object({ labels: z.optional(z.unknown()) })
const labelsSchema = z.record(z.string(), z.unknown())

/**
 * The Jobs of a namespace that carry a label, in the Hub's order: the newest first. Not through the client, whose
 * list has no filter and reads the first page only.
 * https://huggingface.co/docs/hub/api#get-apijobsnamespace
 *
 * @param options.label letters, digits and `._-`
 * @throws HttpError or NoAnswerError; Error when the list cannot be read to its end, or does not tell Jobs apart
 */
export async function jobsWithLabel(
  hub: Hub,
  options: { namespace: string; label: string; value: string; signal?: AbortSignal | undefined },
): Promise<Job[]> {
  const { namespace, label, value, signal } = options
  const query = new URLSearchParams({ label: `${label}=${value}` })
  const found: Job[] = []
  let isFiltered = true
  let withoutLabels = 0
  let url: string | null = `${listUrl(hub, namespace)}?${query}`
  for (let page = 1; url !== null; page++) {
    if (page > maxPages) throw new Error('The list of Jobs at the Hub does not come to an end.')
    const { jobs, next }: Page = await readPage(hub, url, signal)
    for (const job of jobs) {
      const labels = labelledSchema.safeParse(job).data?.labels
      if (carries(labels, { label, value })) found.push(toJob(hub, namespace, job))
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
  const answer = parseJson(text)
  return Array.isArray(answer) ? answer : null
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

/** Whoever overlooks a Job buys it twice: labels in a form that is not known are searched as text. */
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
