import * as z from 'zod/mini'
import { parseJson } from '../domain/parse-json.ts'
import { defaultRef } from '../domain/revision.ts'
import { Refused } from '../domain/verdict.ts'
import { type FilterResult, filterEvent } from '../event/filter.ts'
import type { HubEvent } from '../event/payload.ts'

/** Where the events of a dataset go. */
export interface Route {
  /** `namespace/name`; in each half one `*` stands for any characters. */
  readonly dataset: string
  /** `owner/name` on GitHub. */
  readonly repository: string
  /** The `types:` that the workflow listens for. */
  readonly eventType: string
  /** The watched branch, as a full ref. */
  readonly ref: string
}

/** Every dataset. */
export const anyDataset = '*/*'

const maxRoutes = 100

/** Neither half can be `.` or `..`, which a URL would swallow. */
const repositoryPattern = /^\w[\w-]{0,38}\/(?!\.{1,2}$)[\w.-]{1,100}$/
const datasetPattern = /^[\w.-]*\*?[\w.-]*\/[\w.-]*\*?[\w.-]*$/
const branchPattern = /^refs\/heads\/[^\s~^:?*[\\]{1,1000}$/

/** `owner/name` of a repository on GitHub. */
export const repositoryName = z
  .string({ error: 'must be given as owner/name' })
  .check(z.regex(repositoryPattern, { error: 'must be owner/name' }))

/** A dataset's name, or a pattern of names. */
export const datasetName = z
  .string({ error: 'must be given as namespace/name' })
  .check(z.regex(datasetPattern, { error: 'must be namespace/name, with at most one * in each half' }))

/** `event_type` of a `repository_dispatch`. https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event */
export const eventType = z
  .string({ error: 'must be a text' })
  .check(
    z.minLength(1, { error: 'must not be empty' }),
    z.maxLength(100, { error: 'has at most 100 characters' }),
  )

const routesSchema = z
  .array(
    z.strictObject(
      {
        dataset: datasetName,
        repository: repositoryName,
        event_type: z.optional(eventType),
        ref: z.optional(
          z
            .string({ error: 'must be a text' })
            .check(z.regex(branchPattern, { error: 'must be refs/heads/BRANCH' })),
        ),
      },
      { error: 'must be an object with dataset, repository and perhaps event_type and ref, nothing else' },
    ),
    { error: 'must be a JSON array of {"dataset": ..., "repository": ...}' },
  )
  .check(z.minLength(1, { error: 'must have at least one entry' }))
  .check(z.maxLength(maxRoutes, { error: `has at most ${maxRoutes} entries` }))

/**
 * Reads `RELAY_ROUTES`.
 *
 * @param text a JSON array of `{dataset, repository, event_type?, ref?}`
 * @param defaultEventType for entries without one
 * @throws Refused with a sentence that names the entry
 */
export function parseRoutes(text: string, defaultEventType: string): Route[] {
  const result = routesSchema.safeParse(parseJson(text))
  if (!result.success) {
    const [issue] = result.error.issues
    const [entry, key] = issue?.path ?? []
    const place = [
      entry === undefined ? '' : `[${String(entry)}]`,
      key === undefined ? '' : `.${String(key)}`,
    ]
    throw new Refused(`RELAY_ROUTES${place.join('')} ${issue?.message}.`)
  }
  return result.data.map(({ dataset, repository, event_type = defaultEventType, ref = defaultRef }) => ({
    dataset,
    repository,
    eventType: event_type,
    ref,
  }))
}

/** One dispatch to be sent for an event. */
export interface Target extends Route {
  readonly revision: string
}

/**
 * Finds where an event goes.
 *
 * @returns the targets, each once although several routes may lead there; without any, the rule that decided
 */
export function findTargets(event: HubEvent, routes: readonly Route[]): { targets: Target[]; rule: string } {
  const targets = new Map<string, Target>()
  const rules: string[] = []
  const near = routes.filter((route) => matches(route.dataset, event.repo.name, 'i'))
  for (const route of near.length > 0 ? near : routes.slice(0, 1)) {
    const result = applyFilter(event, route)
    rules.push(result.rule)
    if (!result.passed) continue
    const key = [route.repository.toLowerCase(), route.eventType, route.ref].join(' ')
    targets.set(key, { ...route, revision: result.revision })
  }
  return { targets: [...targets.values()], rule: rules[0] ?? '' }
}

/** A pattern that fits leaves nothing for the filter to compare; one that does not is named as the watched one. */
function applyFilter(event: HubEvent, { dataset, ref }: Route): FilterResult {
  return filterEvent(event, matches(dataset, event.repo.name, '') ? { ref } : { dataset, ref })
}

function matches(pattern: string, name: string, flags: '' | 'i'): boolean {
  if (pattern === anyDataset) return true
  const source = pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')
  return new RegExp(`^${source}$`, flags).test(name)
}
