import { Hono } from 'hono'
import { authorize, tokenOf } from './auth.ts'
import { gitStore } from './git-store.ts'
import { json, notJson, refusal } from './github-answers.ts'
import { type GitHubState, readBody } from './github-state.ts'

/** The only supported query. Its groups are the names of the two variables, and the objects. */
const queryPattern =
  /^\s*query\s*\(\s*\$(\w+)\s*:\s*String!\s*,\s*\$(\w+)\s*:\s*String!\s*\)\s*\{\s*repository\s*\(\s*owner\s*:\s*\$\1\s*,\s*name\s*:\s*\$\2\s*\)\s*\{((?:\s*\w+\s*:\s*object\s*\(\s*oid\s*:\s*"[^"]*"\s*\)\s*\{\s*\.\.\.\s*on\s+Tag\s*\{\s*message\s*\}\s*\})+)\s*\}\s*\}\s*$/
const objectPattern = /(\w+)\s*:\s*object\s*\(\s*oid\s*:\s*"([^"]*)"/g

/**
 * Creates `POST /graphql` for one kind of query: the messages of a repository's tag objects by their sha. Errors in the
 * query are answered 200 with `errors`, as in GraphQL.
 * https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
 *
 * @returns the route, to mount at `/`
 */
export function graphqlRoutes(state: GitHubState): Hono {
  return new Hono().post('/graphql', async (c) => {
    if (tokenOf(c.req.raw) === undefined) {
      return refusal(401, 'This endpoint requires you to be authenticated.', '/graphql')
    }
    const body = await readBody(c.req.raw)
    if (body === undefined) return notJson('/graphql')
    const { query, variables } = (body ?? {}) as { query?: string; variables?: Record<string, unknown> }
    if (typeof query !== 'string') return errors([{ message: 'A query attribute must be specified.' }])
    const match = queryPattern.exec(query)
    if (match === null)
      return errors([{ message: 'Parse error, or a query that the sandbox does not support.' }])
    const [, ownerVariable = '', nameVariable = '', selection = ''] = match
    const name = `${variables?.[ownerVariable]}/${variables?.[nameVariable]}`
    const found = authorize(state.repositories, c.req.raw, { name, permission: 'contents', access: 'read' })
    if ('refused' in found) {
      const message = `Could not resolve to a Repository with the name '${name}'.`
      return errors([{ type: 'NOT_FOUND', path: ['repository'], message }], { repository: null })
    }
    const objects = [...selection.matchAll(objectPattern)].map(([, alias = '', oid = '']) => ({ alias, oid }))
    const bad = objects.find(({ oid }) => !/^[0-9a-f]{40}$/.test(oid))
    if (bad !== undefined) {
      return errors([{ message: `Could not coerce value "${bad.oid}" to GitObjectID` }])
    }
    const { tags, commits } = gitStore(found.repository)
    const repository = Object.fromEntries(
      objects.map(({ alias, oid }) => {
        const tag = tags.get(oid)
        return [alias, tag ? { message: tag.message } : commits.has(oid) ? {} : null]
      }),
    )
    return json(200, { data: { repository } })
  })
}

function errors(list: object[], data?: unknown): Response {
  return json(200, { ...(data === undefined ? {} : { data }), errors: list })
}
