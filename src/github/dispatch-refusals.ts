import { formatDuration } from '../domain/text/format.ts'
import { answerDetails, nextSentence } from '../http/answers/refusal-text.ts'
import { redirectStatuses } from '../http/endpoint.ts'
import { HttpError } from '../http/errors.ts'
import type { TextAnswer } from '../http/exchange.ts'
import { adviseOnGitHub, type GitHubAsk } from './known-messages.ts'
import { readGitHubWords } from './words.ts'

/** A request of the relay and GitHub's answer to it. */
export interface RelayRequest {
  readonly answer: TextAnswer
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** `owner/name` */
  readonly repository: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** GitHub's answer as an error, with its own words. */
export function toHttpError({ answer, method, url, now }: Omit<RelayRequest, 'repository'>): HttpError {
  const { status, headers, text: body } = answer
  const words = readGitHubWords({ headers, body })
  return new HttpError({ status, method, url, headers, body, words, now })
}

/**
 * Explains why GitHub refused a request of the relay: GitHub's own words, and how to fix it where they are known.
 *
 * @returns one sentence or two, for the log only
 */
export function explainDispatchRefusal(request: RelayRequest): string {
  const { repository } = request
  const error = toHttpError(request)
  const advice = redirectStatuses.includes(error.status)
    ? `${repository} was renamed or moved: set GITHUB_REPOSITORY (or the route) to its new name`
    : adviseOnGitHub(error.words, askOf(repository))
  return `GitHub answered ${error.status}${answerDetails(error)}.${nextSentence(advice)}`
}

/**
 * Says that GitHub does not take a request at the moment, and for how long.
 *
 * @returns one sentence, for the log only
 */
export function describeOutage(request: RelayRequest): string {
  const error = toHttpError(request)
  const wait = error.retryAfterMs
  const until = wait === null || wait < 1000 ? '' : `; it may be asked again in ${formatDuration(wait)}`
  return `GitHub answered ${error.status}${answerDetails(error)}${until}`
}

function askOf(repository: string): GitHubAsk {
  const rights = `the token cannot write to ${repository}: give it Contents: read and write there`
  return {
    token: 'the token',
    repository,
    rights,
    renew: 'the token is wrong, expired or revoked: set a new GITHUB_TOKEN',
    missing:
      `${repository} does not exist, or the token lacks Contents: write there: ` +
      'check GITHUB_REPOSITORY (or the route) and the permissions of the token',
  }
}
