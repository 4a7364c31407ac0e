import { parseJson } from '../domain/parse-json.ts'
import type { TextAnswer } from '../http/exchange.ts'

/** The cause of a status of GitHub's and what the operator should do. */
const explanations: Record<number, (repository: string) => string> = {
  301: (repository) =>
    `${repository} was renamed or moved: set GITHUB_REPOSITORY (or the route) to its new name`,
  401: () => 'the token is wrong, expired or revoked: set a new GITHUB_TOKEN',
  403: (repository) =>
    `the token may not dispatch to ${repository}: give it Contents: read and write there, ` +
    'and authorise it if the organisation requires single sign-on or approval',
  404: (repository) =>
    `${repository} does not exist, or the token lacks Contents: write there: ` +
    'check GITHUB_REPOSITORY (or the route) and the permissions of the token',
  422: (repository) =>
    `${repository} rejected the payload: check EVENT_TYPE, and that the repository is not archived`,
}

/**
 * Explains in one sentence why GitHub refused a dispatch and what to do.
 *
 * @param answer GitHub's answer; its message is from outside and is cut
 * @param repository `owner/name`
 */
export function explainDispatchRefusal({ status, headers, text }: TextAnswer, repository: string): string {
  const known = explanations[status >= 300 && status < 400 ? 301 : status]
  const explanation = known?.(repository) ?? "look up the status in GitHub's REST documentation"
  const message = readMessage(text)
  const quoted = message === null ? '' : ` (GitHub says: ${message})`
  const request = headers.get('x-github-request-id')
  const id = request !== null && /^[\w:]{1,64}$/.test(request) ? `, request ${request}` : ''
  return `GitHub answered ${status}${id}: ${explanation}${quoted}`
}

function readMessage(text: string): string | null {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || !('message' in value)) return null
  return typeof value.message === 'string' ? value.message.slice(0, 200) : null
}
