import * as z from 'zod/mini'
import { parseJson } from '../domain/parse-json.ts'
import { defaultRef, isBranchRef } from '../domain/revision.ts'
import { cleanText } from '../domain/text/clean.ts'
import { characterCount } from '../domain/text/cut.ts'
import { Refused } from '../domain/verdict.ts'
import { type FilterResult, filterEvent } from '../event/filter.ts'
import type { HubEvent } from '../event/payload.ts'
import { invalidSetting } from './variables.ts'

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
const halfPattern = /^(?=.)[\w.-]{0,96}\*?[\w.-]{0,96}$/

/** The address of a repository ends in `.git`, and so no repository's name does. */
const gitEnding = /(?:\.git)?\/*$/i

/** Checks the `owner/name` of a GitHub repository. */
export const repositoryName = z.string({ error: 'must be owner/name' }).check(
  z.overwrite((name) => cleanText(name).replace(gitEnding, '')),
  z.regex(repositoryPattern, { error: 'must be owner/name' }),
)

/** Checks a dataset's name or a pattern of names. */
export const datasetName = z
  .string({ error: 'must be namespace/name' })
  .check(
    z.overwrite(cleanText),
    z.refine(isDatasetPattern, { error: 'must be namespace/name, with at most one * in each half' }),
  )

function isDatasetPattern(text: string): boolean {
  const halves = text.split('/')
  return halves.length === 2 && halves.every((half) => halfPattern.test(half))
}

const eventTypeRule = 'must have 1 to 100 characters'

/** Checks the `event_type` of a `repository_dispatch`. https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event */
export const eventType = z.string({ error: eventTypeRule }).check(
  z.overwrite(cleanText),
  z.refine((text) => text !== '' && characterCount(text) <= 100 && text.isWellFormed(), {
    error: eventTypeRule,
  }),
)

const branchRule = 'must be refs/heads/BRANCH'

const routesSchema = z
  .array(
    z.strictObject(
      {
        dataset: datasetName,
        repository: repositoryName,
        event_type: z.optional(eventType),
        ref: z.optional(
          z
            .string({ error: branchRule })
            .check(z.overwrite(cleanText), z.refine(isBranchRef, { error: branchRule })),
        ),
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
 * @throws Refused when the text is invalid, or two entries are the same; the message names the entry
 */
export function parseRoutes(text: string, defaultEventType: string): Route[] {
  const value = parseTwice(text)
  const result = routesSchema.safeParse(value)
  if (!result.success) {
    const [issue] = result.error.issues
    const path = issue?.path ?? []
    const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
    const found = path.reduce<unknown>((parent, key) => Object(parent)[key], value)
    throw invalidSetting(`RELAY_ROUTES${place}`, String(issue?.message), found)
  }
  const routes = result.data.map(
    ({ dataset, repository, event_type = defaultEventType, ref = defaultRef }) => ({
      dataset,
      repository,
      eventType: event_type,
      ref,
    }),
  )
  refuseDuplicates(routes)
  return routes
}

/** JSON that was written into JSON is a text once it is read; its quotes may be gone already. */
function parseTwice(text: string): unknown {
  const value = parseJson(text) ?? parseJson(`"${text}"`)
  return typeof value === 'string' ? parseJson(cleanText(value)) : value
}

/** An entry that was copied and not changed leaves another dataset or repository without a route. */
function refuseDuplicates(routes: readonly Route[]): void {
  const keys = routes.map(({ dataset, repository, eventType: type, ref }) =>
    JSON.stringify([dataset, repository.toLowerCase(), type, ref.normalize('NFC')]),
  )
  const copy = keys.findIndex((key, index) => keys.indexOf(key) < index)
  if (copy === -1) return
  const first = keys.indexOf(keys[copy] ?? '')
  throw new Refused(
    `RELAY_ROUTES[${copy}] is the same route as RELAY_ROUTES[${first}]: change it to what was meant, or remove it.`,
  )
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
