import { Refused } from '../domain/verdict.ts'
import { answerDetails, nextSentence } from '../http/answers/refusal-text.ts'
import { showWords } from '../http/answers/words.ts'
import { HttpError } from '../http/errors.ts'
import { adviseOnGitHub, type GitHubAsk } from './known-messages.ts'
import { errorsOf } from './words.ts'

/** What a request to the ledger was for. */
export interface GitRequest {
  /** `owner/name` of the workflow's repository. */
  readonly repository: string
  /** Continues "GitHub refused to": `create refs/auto-retrain/...`. */
  readonly action: string
}

/** Refusals that a person has to lift. Others pass by themselves, or are a mistake of this program. */
const refusals = [401, 403, 404, 409, 410, 422, 423, 451]

/**
 * Turns GitHub's refusals of ledger requests into `Refused` with GitHub's own words, and with what to do where the words
 * are known. Rate limits and other errors say what could not be done; the rest is returned unchanged.
 *
 * @param error anything that a request threw
 */
export function explainGitRefusal(error: unknown, request: GitRequest): unknown {
  const errors = graphqlErrors(error)
  if (errors !== null) return explainGraphql(errors, { error, request })
  if (!(error instanceof HttpError)) return error
  if (error.isLimit) {
    return error.withNextStep(
      "this is a rate limit of github-token: run the workflow again later (GitHub's Actions token has 1,000 requests " +
        'an hour for each repository)',
    )
  }
  const { status, words } = error
  // A ref that exists already is no refusal. https://docs.github.com/en/rest/git/refs#create-a-reference
  if (status === 422 && words !== null && /already exists/i.test(words)) return error
  if (!refusals.includes(status)) return error.withNextStep(`it was to ${request.action}`)
  return new Refused(
    `GitHub refused to ${request.action} in ${request.repository} (${status}${answerDetails(error)}).` +
      nextSentence(adviseOnGitHub(words, askOf(request))),
    { cause: error },
  )
}

/** GraphQL answers 200 to a request that it refuses. https://spec.graphql.org/October2021/#sec-Errors */
function explainGraphql(
  errors: readonly string[],
  { error, request }: { error: unknown; request: GitRequest },
): Error {
  const words = showWords(errors.join('; '))
  const advice = adviseOnGitHub(words, askOf(request))
  const message = `GitHub refused to ${request.action} in ${request.repository}: "${words}".${nextSentence(advice)}`
  return advice === null ? new Error(message, { cause: error }) : new Refused(message, { cause: error })
}

function graphqlErrors(error: unknown): string[] | null {
  if (!(error instanceof Error) || error.name !== 'GraphqlResponseError' || !('errors' in error)) return null
  const errors = errorsOf(error.errors)
  return errors.length === 0 ? [error.message] : errors
}

function askOf({ repository }: GitRequest): GitHubAsk {
  const rights = 'give the job `permissions: contents: write` in the workflow'
  return {
    token: 'github-token',
    repository,
    rights,
    renew: 'github-token is wrong, expired or revoked: leave the input out, or set it to a valid token',
    missing: `${repository} does not exist, or github-token may not write there: ${rights}`,
  }
}
