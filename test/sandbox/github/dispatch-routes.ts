import { Hono } from 'hono'
import { authorize } from './auth.ts'
import { invalidRequest, notJson, refusal } from './github-answers.ts'
import { repositoryPayload } from './github-repositories.ts'
import { type GitHubState, readBody } from './github-state.ts'

const page = '/repos/repos#create-a-repository-dispatch-event'
const maxEventType = 100
const maxProperties = 10
const maxPayloadBytes = 65_535

/** An accepted dispatch. */
export interface Dispatch {
  /** `owner/name`, in the case of the repository. */
  repository: string
  eventType: string
  clientPayload: Record<string, unknown>
  /** The content of the workflow's `GITHUB_EVENT_PATH` file. */
  event: Record<string, unknown>
}

/**
 * Creates `POST /repos/{owner}/{repo}/dispatches`, with GitHub's refusals in GitHub's order: authorisation, JSON,
 * schema, size. https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event
 *
 * @param state the repositories and their tokens
 * @param accept called with each accepted dispatch, before the answer
 * @returns the route, to mount at `/`
 */
export function dispatchRoutes(state: GitHubState, accept: (dispatch: Dispatch) => void): Hono {
  return new Hono().post('/repos/:owner/:repo/dispatches', async (c) => {
    const name = `${c.req.param('owner')}/${c.req.param('repo')}`
    const need = { name, permission: 'contents', access: 'write' } as const
    const found = authorize(state.repositories, c.req.raw, need, page)
    if ('refused' in found) return found.refused
    const body = await readBody(c.req.raw)
    if (body === undefined) return notJson(page)
    const problem = schemaProblem(body)
    if (problem !== undefined) return invalidRequest(problem, page)
    const { event_type: eventType, client_payload: given } = body as {
      event_type: string
      client_payload?: object
    }
    const clientPayload = { ...given } as Record<string, unknown>
    if (Buffer.byteLength(JSON.stringify(clientPayload)) > maxPayloadBytes) {
      return refusal(422, 'client_payload is too large.', page)
    }
    const { repository } = found
    accept({
      repository: repository.name,
      eventType,
      clientPayload,
      event: {
        action: eventType,
        branch: repository.defaultBranch,
        client_payload: clientPayload,
        repository: repositoryPayload(repository, state.serverUrl()),
        sender: { login: repository.name.split('/')[0], type: 'User' },
      },
    })
    return new Response(null, { status: 204 })
  })
}

// Sentences seen in https://github.com/github/docs/issues/16469 and
// https://github.com/peter-evans/repository-dispatch/issues/28
function schemaProblem(body: unknown): string | undefined {
  if (!isObject(body)) {
    return `For 'links/0/schema', ${shown(body)} is not an object.`
  }
  const { event_type: eventType, client_payload: payload } = body
  if (!('event_type' in body)) {
    return '"event_type" wasn\'t supplied.'
  }
  if (typeof eventType !== 'string') {
    return `For 'properties/event_type', ${shown(eventType)} is not a string.`
  }
  const { length } = eventType
  if (length === 0) {
    return 'At least 1 character is required; only 0 were supplied.'
  }
  if (length > maxEventType) {
    return `Only ${maxEventType} characters are allowed; ${length} were supplied.`
  }
  if (payload === undefined) {
    return undefined
  }
  if (!isObject(payload)) {
    return `For 'properties/client_payload', ${shown(payload)} is not an object.`
  }
  const count = Object.keys(payload).length
  return count > maxProperties
    ? `No more than ${maxProperties} properties are allowed; ${count} were supplied.`
    : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// GitHub prints values as Ruby's `inspect` does.
function shown(value: unknown): string {
  return value === null ? 'nil' : JSON.stringify(value)
}
