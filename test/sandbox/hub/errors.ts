/** A refusal, as the Hub words it: thrown anywhere below a route, answered in one place. */
export class HubRefusal extends Error {
  readonly status: number
  readonly code: string | undefined
  readonly extra: Record<string, unknown>

  constructor(
    status: number,
    message: string,
    options: { code?: string; extra?: Record<string, unknown> } = {},
  ) {
    super(message)
    this.name = 'HubRefusal'
    this.status = status
    this.code = options.code
    this.extra = options.extra ?? {}
  }
}

/** The repository has another name now: thrown like a refusal, answered with 307. */
export class HubRedirect extends Error {
  /** Path and query at the new name. */
  readonly location: string

  constructor(location: string) {
    super(`Moved to ${location}`)
    this.name = 'HubRedirect'
    this.location = location
  }
}

/**
 * @param message why, as the body says it
 * @returns the header that carries it too, as far as a header can hold it
 */
export function errorMessageHeader(message: string): { 'x-error-message': string } {
  return { 'x-error-message': message.replace(/\s*\n\s*/g, ' ').replace(/[^\x20-\x7e]/g, '') }
}

/**
 * @param refusal what went wrong
 * @returns the Hub's answer: JSON body plus `X-Error-Code` and `X-Error-Message`
 * (https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/utils/_http.py reads exactly these)
 */
export function refusalResponse(refusal: HubRefusal): Response {
  const headers = new Headers({
    'content-type': 'application/json; charset=utf-8',
    ...errorMessageHeader(refusal.message),
  })
  if (refusal.code !== undefined) headers.set('x-error-code', refusal.code)
  if (refusal.status === 401) {
    headers.set('www-authenticate', 'Bearer realm="Authentication required", charset="UTF-8"')
  }
  return new Response(JSON.stringify({ error: refusal.message, ...refusal.extra }), {
    status: refusal.status,
    headers,
  })
}

/** A token the Hub does not know, on any route at all. */
export const badCredentials = () => new HubRefusal(401, 'Invalid credentials in Authorization header')

/** No token where one is needed; also what an anonymous caller gets for a missing or private repository. */
export const authenticationRequired = () => new HubRefusal(401, 'Invalid username or password.')

/** What a valid token gets for a repository that is missing or hidden from it. */
export const repoNotFound = () => new HubRefusal(404, 'Repository not found', { code: 'RepoNotFound' })

/** @param rev the revision that is neither a ref nor a commit */
export const revisionNotFound = (rev: string) =>
  new HubRefusal(404, `Invalid rev id: ${rev}`, { code: 'RevisionNotFound' })

/** A path that is not in the revision. */
export const entryNotFound = (message = 'Entry not found') =>
  new HubRefusal(404, message, { code: 'EntryNotFound' })

/** A route the Hub does not have. */
export const pageNotFound = () => new HubRefusal(404, "Sorry, we can't find the page you are looking for.")

/** @param message why */
export const badRequest = (message: string) => new HubRefusal(400, message)

/** @param message why */
export const forbidden = (message: string) => new HubRefusal(403, message)
