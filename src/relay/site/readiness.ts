import { githubHeaders } from '../../github/dispatch.ts'
import { describeOutage, explainDispatchRefusal } from '../../github/dispatch-refusals.ts'
import { CredentialsError, type TokenSource } from '../../github/tokens.ts'
import type { Clock } from '../../http/clock.ts'
import { NoAnswerError } from '../../http/errors.ts'
import type { TextExchange } from '../../http/exchange.ts'
import { type HttpPolicy, withPolicy } from '../../http/exchange.ts'
import { isRateLimited } from '../../http/headers/retry-after.ts'
import { createHider } from '../../http/hide-secret.ts'

/** Whether GitHub would probably accept a dispatch. */
export interface Readiness {
  /** Milliseconds since the epoch. */
  readonly checkedAt: number
  readonly ready: boolean
  readonly token: 'accepted' | 'refused' | 'unknown'
  /** Number of repositories that the token can read. */
  readonly reachable: number
  /** Number of all repositories. */
  readonly repositories: number
  /** For the log: the cause and the fix of each failure. */
  readonly problems: readonly string[]
  /** For the log: what works but should be changed. */
  readonly warnings: readonly string[]
}

/** How long a result is reused, because anyone can ask at any rate. */
const reuseReadyMs = 60_000
const reuseNotReadyMs = 10_000

const policy: HttpPolicy = {
  perTryMs: 3_000,
  totalMs: 5_000,
  retries: 1,
  firstDelayMs: 250,
  retryUnsafe: false,
}

type Finding = { token: Readiness['token']; reachable: boolean; problem?: string; warning?: string }

/** Classic tokens name their scopes. https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps */
const broadTokenWarning =
  'GITHUB_TOKEN can write to every repository of its owner (scope repo): use a fine-grained token with ' +
  'Contents: read and write on this repository only'

/**
 * Creates the check of the token and the repositories. It reads each repository once, one request each, and reuses
 * the result for a while. It cannot see whether the token can write: only a dispatch shows that.
 *
 * @param options.repositories `owner/name`, without duplicates
 * @returns a function that returns the latest result, and whether it is from a new check
 */
export function createReadinessCheck(options: {
  repositories: readonly string[]
  tokens: TokenSource
  send: TextExchange
  apiUrl: string
  clock: Clock
  random: () => number
}): () => Promise<{ readiness: Readiness; isNew: boolean }> {
  const { repositories, tokens, send, apiUrl, clock, random } = options
  const http = withPolicy({ send, policy, clock, random })
  let last: Readiness | undefined
  let running: Promise<Readiness> | undefined

  const checkRepository = async (repository: string): Promise<Finding> => {
    try {
      const url = `${apiUrl}/repos/${repository}`
      const token = await tokens.get(repository)
      const given = await http(url, { headers: githubHeaders(token) })
      const answer = { ...given, text: createHider([token])(given.text) }
      const { status, headers: answerHeaders, text } = answer
      if (status === 200) {
        const isBroad = answerHeaders.get('x-oauth-scopes')?.split(/, */).includes('repo')
        return { token: 'accepted', reachable: true, ...(isBroad && { warning: broadTokenWarning }) }
      }
      const request = { answer, method: 'GET', url, repository, now: clock.now() } as const
      if (isRateLimited(status, answerHeaders, text)) {
        const problem = `${describeOutage(request)}: the rate limit of the token is used up`
        return { token: 'unknown', reachable: false, problem }
      }
      const problem = explainDispatchRefusal(request)
      if (status === 401) {
        tokens.forget(repository)
        return { token: 'refused', reachable: false, problem }
      }
      return { token: status < 500 ? 'accepted' : 'unknown', reachable: false, problem }
    } catch (error) {
      if (!(error instanceof NoAnswerError) && !(error instanceof CredentialsError)) throw error
      const isRefused = error instanceof CredentialsError && error.permanent
      return { token: isRefused ? 'refused' : 'unknown', reachable: false, problem: error.message }
    }
  }

  const check = async (): Promise<Readiness> => {
    const checkedAt = clock.now()
    last = summarize(await Promise.all(repositories.map(checkRepository)), checkedAt)
    return last
  }

  return async () => {
    if (last !== undefined && clock.now() - last.checkedAt < (last.ready ? reuseReadyMs : reuseNotReadyMs)) {
      return { readiness: last, isNew: false }
    }
    if (running !== undefined) return { readiness: await running, isNew: false }
    running = check().finally(() => {
      running = undefined
    })
    return { readiness: await running, isNew: true }
  }
}

function summarize(findings: readonly Finding[], checkedAt: number): Readiness {
  const worst = (['refused', 'unknown', 'accepted'] as const).find((token) =>
    findings.some((finding) => finding.token === token),
  )
  const reachable = findings.filter((finding) => finding.reachable).length
  return {
    checkedAt,
    ready: reachable === findings.length,
    token: worst ?? 'unknown',
    reachable,
    repositories: findings.length,
    problems: findings.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
    warnings: [...new Set(findings.flatMap(({ warning }) => (warning === undefined ? [] : [warning])))],
  }
}
