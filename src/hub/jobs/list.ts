import * as z from 'zod/mini'
import { parseJson } from '../../domain/parse-json.ts'
import { nextLink } from '../../http/headers/link-header.ts'
import type { Hub } from '../hub.ts'
import { type Job, toJob } from './jobs.ts'

/** Far more pages than one label has; ends a list that does not end. */
const maxPages = 100

const labelledSchema = z.object({ labels: z.optional(z.unknown()) })
const labelsSchema = z.record(z.string(), z.unknown())

/**
 * Lists the Jobs of a namespace that have all of the given labels, in the Hub's order, newest first. It does not use
 * `@huggingface/hub`, whose function has no filter and reads the first page only.
 * https://huggingface.co/docs/hub/api#get-apijobsnamespace
 *
 * @param options.labels at least one; names and values have letters, digits and `._-`
 * @throws HttpError or NoAnswerError; Error when the list cannot be read completely or does not show labels
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
    if (page > maxPages)
      throw new Error(`The Hub's list of Jobs does not end: it has more than ${maxPages} pages.`)
    const { jobs, next }: Page = await readPage(hub, url, signal)
    for (const job of jobs) {
      const labels = labelledSchema.safeParse(job).data?.labels
      if (hasAll(labels, wanted)) found.push(toJob(hub, namespace, job))
      else if (hasAnyLabel(labels)) isFiltered = false
      else withoutLabels += 1
    }
    url = next
  }
  // A Hub that ignores the filter lists all Jobs, also those without labels.
  if (found.length === 0 && isFiltered && withoutLabels > 0) {
    throw new Error('The Hub lists its Jobs without their labels, so a Job cannot be found by its label.')
  }
  return found
}

/**
 * Checks that the token may see the Jobs of a namespace.
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
  /** Null on the last page. */
  readonly next: string | null
}

async function readPage(hub: Hub, url: string, signal: AbortSignal | undefined): Promise<Page> {
  const response = await hub.fetchFor(signal)(url, {
    headers: { accept: 'application/json', authorization: `Bearer ${hub.token}` },
  })
  const jobs = parseList(await response.text())
  if (jobs === null) throw new Error("The Hub's answer is not a list of Jobs.")
  return { jobs, next: nextLink(response.headers.get('link')) }
}

function parseList(text: string): unknown[] | null {
  const answer = parseJson(text)
  return Array.isArray(answer) ? answer : null
}

function hasAll(labels: unknown, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([label, value]) => hasLabel(labels, { label, value }))
}

/** A missed Job is started (and paid) twice, so labels of an unknown form are searched as text. */
function hasLabel(labels: unknown, { label, value }: { label: string; value: string }): boolean {
  const known = labelsSchema.safeParse(labels)
  const found = known.success ? known.data[label] : labels
  if (known.success && typeof found === 'string') return found === value
  return JSON.stringify(found ?? '').includes(value)
}

/** Whether a Job has any labels, in any form. */
function hasAnyLabel(labels: unknown): boolean {
  return !['null', '{}', '[]', '""'].includes(JSON.stringify(labels ?? null))
}
