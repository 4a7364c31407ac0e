import * as z from 'zod/mini'
import { parseJson } from '../../domain/parse-json.ts'
import { defaultRef, isBranchRef, repoNamePattern } from '../../domain/revision.ts'
import { cleanText } from '../../domain/text/clean.ts'
import { characterCount } from '../../domain/text/cut.ts'
import { Refused } from '../../domain/verdict.ts'
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
  /**
   * The Hub's id of the dataset. It is the identity: the dataset is served under any name, and another dataset that took
   * its old name is not served. Null: the name decides.
   */
  readonly id: string | null
  /** Private models whose new commits a recipe waits for (`retrain-on: base-model`). */
  readonly models: readonly string[]
}

/** Matches every dataset. */
export const anyDataset = '*/*'

const maxRoutes = 100

/** No half can be `.` or `..`, which would change the path of a URL. */
const repositoryPattern = /^\w[\w-]{0,38}\/(?!\.{1,2}$)[\w.-]{1,100}$/
const halfPattern = /^(?=.)(?!\.{1,2}$)[\w.-]{0,96}\*?[\w.-]{0,96}$/

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

const idRule = "must be the dataset's _id at the Hub, 24 hex digits"

/** The `_id` that `https://huggingface.co/api/datasets/NAME` shows. */
const datasetId = z
  .string({ error: idRule })
  .check(z.overwrite(cleanText), z.regex(/^[\da-f]{24}$/, { error: idRule }))

const modelRule = 'must be namespace/name of a model'

const modelName = z.string({ error: modelRule }).check(
  z.overwrite(cleanText),
  z.refine((name) => repoNamePattern.test(name) && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(name), {
    error: modelRule,
  }),
)

const maxModels = 20

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
        id: z.optional(datasetId),
        models: z.optional(
          z
            .array(modelName, {
              error: `must be a list of models, each ${modelRule.slice('must be '.length)}`,
            })
            .check(z.maxLength(maxModels, { error: `must have at most ${maxModels} models` })),
        ),
      },
      {
        error:
          'must be an object with the keys dataset and repository, optionally event_type, ref, id and models',
      },
    ),
    { error: 'must be a JSON array of {"dataset": ..., "repository": ...}' },
  )
  .check(z.minLength(1, { error: 'must have at least one entry' }))
  .check(z.maxLength(maxRoutes, { error: `must have at most ${maxRoutes} entries` }))

/**
 * Reads `RELAY_ROUTES`.
 *
 * @param text a JSON array of `{dataset, repository, event_type?, ref?, id?, models?}`
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
    ({
      dataset,
      repository,
      event_type = defaultEventType,
      ref = defaultRef,
      id = null,
      models = [],
    }): Route => ({ dataset, repository, eventType: event_type, ref, id, models }),
  )
  refuseDuplicates(routes)
  refuseIdOfMany(routes)
  return routes
}

/** Whether a route is for one dataset, by its name: one with a `*` is for any number. */
export function namesOne({ dataset }: Pick<Route, 'dataset'>): boolean {
  return !dataset.includes('*')
}

function refuseIdOfMany(routes: readonly Route[]): void {
  const index = routes.findIndex((route) => route.id !== null && !namesOne(route))
  if (index === -1) return
  throw new Refused(
    `RELAY_ROUTES[${index}] has an id and a dataset with *: an id is of one dataset, so write its name.`,
  )
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
