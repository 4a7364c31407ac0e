import type { Context } from 'hono'
import * as z from 'zod/mini'
import type { Token } from '../accounts/accounts.ts'
import { badRequest, HubRedirect } from '../errors.ts'
import type { Repository, RepoType } from '../git/repositories.ts'
import type { Hub } from '../hub.ts'

/** What every route finds already settled. */
export interface RouteEnv {
  Variables: { token: Token | undefined }
}

/** One request on its way through the routes. */
export type RouteContext = Context<RouteEnv>

/** The first segments of a repository's own API routes. */
export const REPOSITORY = '/api/:types{datasets|models}/:namespace/:name'

/**
 * The path's parts, each decoded by itself: `refs%2Fpr%2F1` is one part, `refs/pr/1` are three.
 *
 * @returns the parts between the slashes; throws 400 when the encoding is broken
 */
export function segments(c: RouteContext): string[] {
  const { pathname } = new URL(c.req.url)
  try {
    return pathname.split('/').slice(1).map(decodeURIComponent)
  } catch {
    throw badRequest('Failed to decode param')
  }
}

/**
 * @param schema what the body must look like
 * @returns the JSON body; throws the 400 of one that is not JSON or does not fit
 */
export async function readBody<T>(c: RouteContext, schema: z.ZodMiniType<T>): Promise<T> {
  const isJson = /\bjson\b/.test(c.req.header('content-type') ?? '')
  // A body of another type is not read at all, as a server behind a JSON parser does.
  const text = isJson ? await c.req.text() : '{}'
  return parseWith(schema, parseJson(text))
}

/** @returns the parsed text; throws 400 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest('Invalid JSON')
  }
}

/** @returns the value when it fits the schema; throws the 400 that names the fields */
export function parseWith<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw badRequest(z.prettifyError(result.error))
}

/**
 * @param value from a query, a form or JSON
 * @returns whether it means yes: true, `1`, and `true` however it is written, since Python sends `True`
 */
export function meansYes(value: unknown): boolean {
  return value === true || ['true', '1'].includes(String(value).toLowerCase())
}

/** @returns whether a query value means yes, see {@link meansYes} */
export function isSet(c: RouteContext, name: string): boolean {
  return meansYes(c.req.query(name))
}

/** @returns a whole number from the query; throws the 400 of one out of bounds */
export function intQuery(
  c: RouteContext,
  name: string,
  options: { default: number; min: number; max: number },
): number {
  const text = c.req.query(name)
  if (text === undefined) return options.default
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < options.min || value > options.max) {
    throw badRequest(`Invalid ${name}: expected a whole number from ${options.min} to ${options.max}`)
  }
  return value
}

/**
 * Finds a repository that the caller may read. One that was moved away answers with a redirect to its new name;
 * a missing or hidden one as https://huggingface.co/docs/hub/security says nothing of either.
 *
 * @param options kind and full name, as the path has them
 * @returns the repository; throws 307, 401 or 404
 */
export function requireRepository(
  hub: Hub,
  c: RouteContext,
  options: { type: RepoType; name: string },
): Repository {
  const token = c.get('token')
  const { type, name } = options
  const found = hub.repositories.find(type, name)
  const { pathname, search } = new URL(c.req.url)
  // A name in the body is not looked up again: only a path can be redirected.
  const isInPath = pathname.includes(name)
  const newName = found === undefined && isInPath ? hub.repositories.movedTo(type, name) : undefined
  const target = newName === undefined ? found : hub.repositories.find(type, newName)
  if (newName !== undefined && target !== undefined && hub.access.canRead(token, target)) {
    throw new HubRedirect(pathname.replace(name, newName) + search)
  }
  return hub.access.requireRead(token, found)
}

/** @returns the repository of a path that starts with {@link REPOSITORY} */
export function repositoryOf(hub: Hub, c: RouteContext): Repository {
  const [, types, namespace, name] = segments(c)
  return requireRepository(hub, c, {
    type: types === 'models' ? 'model' : 'dataset',
    name: `${namespace}/${name}`,
  })
}
