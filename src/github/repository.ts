import * as z from 'zod/mini'
import { type Visibility, visibilityOf } from '../domain/visibility.ts'
import { createApi } from '../http/api.ts'
import type { Clock } from '../http/clock.ts'
import type { DebugHttp } from '../http/debug-line.ts'
import { HttpError, NoAnswerError } from '../http/errors.ts'
import { type HttpPolicy, type TextExchange, withPolicy } from '../http/exchange.ts'
import { readGitHubWords } from './words.ts'

/** It delays the start of the step, and nothing is wrong without an answer. */
const policy: HttpPolicy = {
  perTryMs: 5_000,
  totalMs: 10_000,
  retries: 1,
  firstDelayMs: 500,
  retryUnsafe: false,
}

const repositorySchema = z.object({
  visibility: z.optional(z.nullable(z.string())),
  private: z.optional(z.nullable(z.boolean())),
})

/**
 * Asks GitHub who can read a repository. https://docs.github.com/en/rest/repos/repos#get-a-repository
 *
 * @param options.repository `owner/name`
 * @param options.apiUrl `GITHUB_API_URL`, without a trailing slash
 * @param options.send sends a request once and follows no redirect
 * @returns unknown where GitHub does not say
 */
export async function readRepositoryVisibility(options: {
  repository: string
  apiUrl: string
  token: string
  send: TextExchange
  clock: Clock
  debug?: DebugHttp | undefined
}): Promise<Visibility> {
  const { repository, apiUrl: baseUrl, token, send, clock, debug } = options
  const http = withPolicy({ send, policy, clock, debug })
  const api = createApi({ baseUrl, token, http, readWords: readGitHubWords, clock, debug })
  try {
    return visibilityOf(
      await api.call({ method: 'GET', path: `/repos/${repository}`, answer: repositorySchema }),
    )
  } catch (error) {
    if (!(error instanceof HttpError) && !(error instanceof NoAnswerError)) throw error
    debug?.(`GitHub does not say who can read ${repository}: ${error.message}`)
    return 'unknown'
  }
}
