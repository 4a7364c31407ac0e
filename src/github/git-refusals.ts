import { parseJson } from '../domain/parse-json.ts'
import { cutText } from '../domain/text/cut.ts'
import { Refused } from '../domain/verdict.ts'
import { HttpError } from '../http/errors.ts'
import { saysRateLimited } from '../http/headers/retry-after.ts'

/**
 * Turns GitHub's refusals of ledger requests into `Refused` with what to fix in the workflow, and adds the next step to
 * rate limits. It returns all other errors unchanged.
 *
 * @param error anything that a request threw
 * @param repository `owner/name` of the workflow's repository
 */
export function explainGitRefusal(error: unknown, repository: string): unknown {
  if (!(error instanceof HttpError)) return error
  if (isRateLimit(error)) {
    return error.withNextStep(
      "github-token has used up its rate limit: run this again later (GitHub's Actions token has 1,000 requests " +
        'an hour for each repository)',
    )
  }
  if (error.status === 422) return explainUnprocessable(error, repository)
  const sentence = sentenceFor(error.status, repository)
  return sentence === null ? error : new Refused(sentence, { cause: error })
}

/**
 * GitHub's 422 has many causes, told apart by its message alone. "Reference already exists" is no refusal.
 * https://docs.github.com/en/rest/git/refs#create-a-reference
 */
function explainUnprocessable(error: HttpError, repository: string): Error {
  const message = gitHubMessage(error.body)
  if (/already exists/i.test(message)) return error
  const sentence = /object does not exist/i.test(message)
    ? `The commit that this workflow runs on (GITHUB_SHA) is not a commit of ${repository}: push it first.`
    : `GitHub refused to write the ledger in ${repository}: ${message || 'it gave no reason'}.`
  return new Refused(sentence, { cause: error })
}

/** GitHub's own words, from outside: one line, cut. */
function gitHubMessage(body: string): string {
  const value = parseJson(body)
  const message = typeof value === 'object' && value !== null && 'message' in value ? value.message : ''
  return cutText(String(message).replaceAll(/\s+/g, ' ').trim(), 400)
}

/** A 403 that names a time to wait, or explains it in its body, is a rate limit and not a missing permission. */
function isRateLimit({ status, retryAfterMs, body }: HttpError): boolean {
  return status === 429 || (status === 403 && (retryAfterMs !== null || saysRateLimited(body)))
}

/** https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api */
function sentenceFor(status: number, repository: string): string | null {
  switch (status) {
    case 401:
      return 'GitHub rejects the token in github-token: leave the input out, or set it to a valid token.'
    case 403:
    case 404:
      return (
        `github-token may not write the ledger in ${repository}: give the job ` +
        '`permissions: contents: write` in the workflow (and check that the repository is not archived).'
      )
    case 409:
      return `${repository} has no commit yet, so it cannot hold the ledger: push a first commit.`
    default:
      return null
  }
}
