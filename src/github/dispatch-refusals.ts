import { parseJson } from '../domain/parse-json.ts'
import { cutText } from '../domain/text/cut.ts'
import type { TextAnswer } from '../http/exchange.ts'

/** The cause and the fix, by the status of GitHub's answer. */
const explanations: Record<number, (repository: string) => string> = {
  301: (repository) =>
    `${repository} was renamed or moved: set GITHUB_REPOSITORY (or the route) to its new name`,
  401: () => 'the token is wrong, expired or revoked: set a new GITHUB_TOKEN',
  403: (repository) =>
    `the token cannot dispatch to ${repository}: give it Contents: read and write there, ` +
    'and authorise it if the organisation requires single sign-on or approval',
  404: (repository) =>
    `${repository} does not exist, or the token lacks Contents: write there: ` +
    'check GITHUB_REPOSITORY (or the route) and the permissions of the token',
  422: (repository) =>
    `${repository} rejected the payload: check EVENT_TYPE, and that the repository is not archived`,
}

/**
 * Explains in one sentence why GitHub refused a request and how to fix it.
 *
 * @param answer of GitHub; its message is quoted, cut to 200 characters
 * @param repository `owner/name`
 * @returns for the log only
 */
export function explainDispatchRefusal({ status, headers, text }: TextAnswer, repository: string): string {
  const known = explanations[status >= 300 && status < 400 ? 301 : status]
  const explanation = known?.(repository) ?? "look up this status in GitHub's documentation"
  const message = readMessage(text)
  const quote = message === null ? '' : ` (GitHub says: ${message})`
  const request = headers.get('x-github-request-id')
  const id = request !== null && /^[\w:]{1,64}$/.test(request) ? `, request ${request}` : ''
  return `GitHub answered ${status}${id}: ${explanation}${quote}`
}

function readMessage(text: string): string | null {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || !('message' in value)) return null
  return typeof value.message === 'string' ? cutText(value.message, 200) : null
}
