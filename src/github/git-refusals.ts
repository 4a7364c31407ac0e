import { Refused } from '../domain/verdict.ts'
import { HttpError } from '../http/errors.ts'
import { saysRateLimited } from '../http/headers/retry-after.ts'

/**
 * The error a person can do something about: GitHub's refusals of the ledger end in the verdict `refused`,
 * with the sentence that mends the workflow; every other error is given back as it is.
 *
 * @param repository `owner/name` of the workflow's repository
 */
export function explainRefusal(error: unknown, repository: string): unknown {
  if (!(error instanceof HttpError)) return error
  if (isLimit(error)) {
    return error.withNextStep(
      "the request limit of github-token is used up: run this again later (GitHub's Actions token has 1,000 " +
        'requests an hour for each repository)',
    )
  }
  const sentence = sentenceFor(error.status, repository)
  return sentence === null ? error : new Refused(sentence, { cause: error })
}

/** A 403 that names a time to wait, or says so in words, is a rate limit and not a missing permission. */
function isLimit({ status, retryAfterMs, body }: HttpError): boolean {
  return status === 429 || (status === 403 && (retryAfterMs !== null || saysRateLimited(body)))
}

/** https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api */
function sentenceFor(status: number, repository: string): string | null {
  switch (status) {
    case 401:
      return 'GitHub does not know the token in github-token: leave the input out, or give it a token that is valid.'
    case 403:
    case 404:
      return (
        `GitHub does not let github-token keep the ledger in ${repository}: give the job ` +
        '`permissions: contents: write` in the workflow (and see that the repository is not archived).'
      )
    case 409:
      return `${repository} has no commit yet, so it cannot hold the ledger: push a first commit to it.`
    default:
      return null
  }
}
