import * as z from 'zod/mini'
import { parseJson } from '../domain/parse-json.ts'
import { defaultRef, isBranchRef } from '../domain/revision.ts'
import { type FilterResult, filterEvent } from '../event/filter.ts'
import type { HubEvent } from '../event/payload.ts'
import { invalidSetting } from './invalid-setting.ts'

/** Says to which repository the events of a dataset go. */
export interface Route {
  /** `namespace/name`; each half may have one `*`, which matches any characters. */
  readonly dataset: string
  /** `owner/name` on GitHub. */
  readonly repository: string
  /** The `types:` that the workflow listens for. */
  readonly eventType: string
  /** The watched branch, as a full ref. */
  readonly ref: string
}

/** Matches every dataset. */
export const anyDataset = '*/*'

const maxRoutes = 100

/** Neither half can be `.` or `..`, which would change the path of a URL. */
const repositoryPattern = /^\w[\w-]{0,38}\/(?!\.{1,2}$)[\w.-]{1,100}$/
const datasetPattern = /^[\w.-]*\*?[\w.-]*\/[\w.-]*\*?[\w.-]*$/

/** Checks the `owner/name` of a GitHub repository. */
export const repositoryName = z
  .string({ error: 'must be owner/name' })
  .check(z.regex(repositoryPattern, { error: 'must be owner/name' }))

/** Checks a dataset's name or a pattern of names. */
export const datasetName = z
  .string({ error: 'must be namespace/name' })
  .check(z.regex(datasetPattern, { error: 'must be namespace/name, with at most one * in each half' }))

const eventTypeRule = 'must have 1 to 100 characters'

/** Checks the `event_type` of a `repository_dispatch`. https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event */
export const eventType = z
  .string({ error: eventTypeRule })
  .check(z.minLength(1, { error: eventTypeRule }), z.maxLength(100, { error: eventTypeRule }))

const branchRule = 'must be refs/heads/BRANCH'

const routesSchema = z
  .array(
    z.strictObject(
      {
        dataset: datasetName,
        repository: repositoryName,
        event_type: z.optional(eventType),
        ref: z.optional(z.string({ error: branchRule }).check(z.refine(isBranchRef, { error: branchRule }))),
      },
      { error: 'must be an object with the keys dataset and repository, optionally event_type and ref' },
    ),
    { error: 'must be a JSON array of {"dataset": ..., "repository": ...}' },
  )
  .check(z.minLength(1, { error: 'must have at least one entry' }))
  .check(z.maxLength(maxRoutes, { error: `must have at most ${maxRoutes} entries` }))

/**
 * Reads `RELAY_ROUTES`.
 *
 * @param text a JSON array of `{dataset, repository, event_type?, ref?}`
 * @param defaultEventType for entries without one
 * @throws Refused when the text is invalid; the message names the entry
 */
export function parseRoutes(text: string, defaultEventType: string): Route[] {
  const value = parseJson(text)
  const result = routesSchema.safeParse(value)
  if (!result.success) {
    const [issue] = result.error.issues
    const path = issue?.path ?? []
    const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
    const found = path.reduce<unknown>((parent, key) => Object(parent)[key], value)
    throw invalidSetting(`RELAY_ROUTES${place}`, String(issue?.message), found)
  }
  return result.data.map(({ dataset, repository, event_type = defaultEventType, ref = defaultRef }) => ({
    dataset,
    repository,
    eventType: event_type,
    ref,
  }))
}

/** One dispatch to send for an event. */
export interface Target extends Route {
  readonly revision: string
}

/**
 * Finds the targets of an event.
 *
 * @returns each target once, even when several routes lead to it; `rule` says why there are none
 */
export function findTargets(event: HubEvent, routes: readonly Route[]): { targets: Target[]; rule: string } {
  const targets = new Map<string, Target>()
  const rules: string[] = []
  const candidates = routes.filter((route) => matches(route.dataset, event.repo.name, 'i'))
  for (const route of candidates.length > 0 ? candidates : routes.slice(0, 1)) {
    const result = applyFilter(event, route)
    rules.push(result.rule)
    if (!result.passed) continue
    const key = [route.repository.toLowerCase(), route.eventType, route.ref].join(' ')
    targets.set(key, { ...route, revision: result.revision })
  }
  return { targets: [...targets.values()], rule: rules[0] ?? '' }
}

/** Whether a route watches a dataset of this name. */
export function isWatched(name: string, routes: readonly Route[]): boolean {
  return routes.some(({ dataset }) => matches(dataset, name, ''))
}

/** The dataset is passed to the filter only when it does not match, so that the filter gives the reason. */
function applyFilter(event: HubEvent, { dataset, ref }: Route): FilterResult {
  return filterEvent(event, matches(dataset, event.repo.name, '') ? { ref } : { dataset, ref })
}

function matches(pattern: string, name: string, flags: '' | 'i'): boolean {
  if (pattern === anyDataset) return true
  const source = pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')
  return new RegExp(`^${source}$`, flags).test(name)
}
