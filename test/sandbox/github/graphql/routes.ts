import { Hono } from 'hono'
import { authorize, tokenOf } from '../auth.ts'
import { gitStore } from '../git-store.ts'
import { json, notJson, refusal } from '../github-answers.ts'
import { type GitHubState, readBody } from '../github-state.ts'
import { executeQuery, type Source } from './execute.ts'
import { parseQuery, QueryError } from './parse.ts'
import { FieldError } from './ref-connection.ts'
import { validateQuery } from './validate.ts'

/**
 * `POST /graphql`: queries of a repository's git objects and refs. What is wrong inside is answered 200 with
 * `errors`, as GraphQL does; a query that does not fit the schema has no `data` at all.
 * https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
 *
 * @returns the route, to be mounted at `/`
 */
export function graphqlRoutes(state: GitHubState): Hono {
  return new Hono().post('/graphql', async (c) => {
    if (tokenOf(c.req.raw) === undefined) {
      return refusal(401, 'This endpoint requires you to be authenticated.', '/graphql')
    }
    const body = await readBody(c.req.raw)
    if (body === undefined) return notJson('/graphql')
    const { query: text, variables } = (body ?? {}) as { query?: string; variables?: Record<string, unknown> }
    if (typeof text !== 'string') {
      return json(200, { errors: [{ message: 'A query attribute must be specified and must be a string.' }] })
    }
    try {
      const query = parseQuery(text)
      const values = variables ?? {}
      validateQuery(query, values)
      const source = sourceFor(state, c.req.raw)
      return json(200, executeQuery(query, { source, variables: { declared: query.variables, values } }))
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      const { message, code } = error
      return json(200, { errors: [{ message, ...(code !== undefined && { extensions: { code } }) }] })
    }
  })
}

function sourceFor(state: GitHubState, request: Request): Source {
  const seenAt = state.replicas.seen('graphql')
  return {
    seenAt,
    repository(name) {
      const found = authorize(state.repositories, request, { name, permission: 'contents', access: 'read' })
      if ('refused' in found) {
        throw found.refused.status === 403
          ? new FieldError('FORBIDDEN', 'Resource not accessible by integration')
          : new FieldError('NOT_FOUND', `Could not resolve to a Repository with the name '${name}'.`)
      }
      const { repository } = found
      const store = gitStore(repository)
      const refs = [...store.refs.at(seenAt)].filter(([ref]) => state.showsInGraphql(ref))
      return { repository, store, refs: new Map(refs) }
    },
  }
}
