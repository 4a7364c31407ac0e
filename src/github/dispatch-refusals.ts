import { parseJson } from '../domain/parse-json.ts'
import type { TextAnswer } from '../http/exchange.ts'

/** What a status of GitHub's means for the operator: the cause, and what to do. */
const explanations: Record<number, (repository: string) => string> = {
  301: (repository) =>
    `${repository} was renamed or moved: set GITHUB_REPOSITORY (or the route) to its new name`,
  401: () => 'the token is wrong, expired or revoked: set a new GITHUB_TOKEN',
  403: (repository) =>
    `the token may not dispatch to ${repository}: give it Contents: read and write there, ` +
    'and authorise it where the organisation asks for single sign-on or approval',
  404: (repository) =>
    `${repository} does not exist or the token lacks Contents: write there: ` +
    'check GITHUB_REPOSITORY (or the route) and the permissions of the token',
  422: (repository) =>
    `${repository} did not take the payload: check EVENT_TYPE, and that it is not archived`,
}

/**
 * Says in one sentence why GitHub refused and what to do about it.
 *
 * @param answer GitHub's; its message is from outside and cut
 * @param repository `owner/name`
 */
export function explainRefusal({ status, headers, text }: TextAnswer, repository: string): string {
  const known = explanations[status >= 300 && status < 400 ? 301 : status]
  const explanation = known?.(repository) ?? 'look up the status in the documentation of GitHub'
  const message = readMessage(text)
  const said = message === null ? '' : ` (GitHub says: ${message})`
  const request = headers.get('x-github-request-id')
  const id = request !== null && /^[\w:]{1,64}$/.test(request) ? `, request ${request}` : ''
  return `GitHub answered ${status}${id}: ${explanation}${said}`
}

function readMessage(text: string): string | null {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || !('message' in value)) return null
  return typeof value.message === 'string' ? value.message.slice(0, 200) : null
}
