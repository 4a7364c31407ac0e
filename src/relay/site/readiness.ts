import { githubHeaders } from '../../github/dispatch.ts'
import { explainDispatchRefusal } from '../../github/dispatch-refusals.ts'
import { CredentialsError, type TokenSource } from '../../github/tokens.ts'
import type { Clock } from '../../http/clock.ts'
import { NoAnswerError } from '../../http/errors.ts'
import type { TextExchange } from '../../http/exchange.ts'
import { type HttpPolicy, withPolicy } from '../../http/exchange.ts'
import { isRateLimited } from '../../http/headers/retry-after.ts'

/** Whether GitHub would take a dispatch, as far as that shows without making one. */
export interface Readiness {
  /** Milliseconds since the epoch. */
  readonly checkedAt: number
  readonly ready: boolean
  readonly token: 'accepted' | 'refused' | 'unknown'
  readonly reachable: number
  readonly repositories: number
  /** For the log: cause and fix of each that failed. */
  readonly problems: readonly string[]
  /** For the log: what works and should not be so. */
  readonly warnings: readonly string[]
}

/** How long a result holds, in milliseconds: strangers may ask as often as they like. */
const goodForMs = 60_000
const badForMs = 10_000

const policy: HttpPolicy = {
  perTryMs: 3_000,
  totalMs: 5_000,
  retries: 1,
  firstDelayMs: 250,
  retryUnsafe: false,
}

type Finding = { token: Readiness['token']; reachable: boolean; problem?: string; warning?: string }

/** Classic tokens name their scopes. https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps */
const tooMuch =
  'GITHUB_TOKEN may write to every repository of its owner (scope repo): make a fine-grained token with ' +
  'Contents: read and write on the one repository'

/**
 * Makes the check of token and repositories: it reads each repository once, which costs the token nothing but
 * one request, and remembers the result for a while. Whether the token may write does not show before the first
 * dispatch.
 *
 * @param options.repositories `owner/name`, each once
 * @returns a function that gives the newest result
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

  const look = async (repository: string): Promise<Finding> => {
    try {
      const headers = githubHeaders(await tokens.get(repository))
      const answer = await http(`${apiUrl}/repos/${repository}`, { headers })
      const { status, headers: said, text } = answer
      if (status === 200) {
        const hasAll = said.get('x-oauth-scopes')?.split(/, */).includes('repo')
        return { token: 'accepted', reachable: true, ...(hasAll && { warning: tooMuch }) }
      }
      if (isRateLimited(status, said, text)) {
        const problem = `GitHub answered ${status}: the requests of the token are used up for a while`
        return { token: 'unknown', reachable: false, problem }
      }
      const problem = explainDispatchRefusal(answer, repository)
      if (status === 401) {
        tokens.forget(repository)
        return { token: 'refused', reachable: false, problem }
      }
      return { token: status < 500 ? 'accepted' : 'unknown', reachable: false, problem }
    } catch (error) {
      if (!(error instanceof NoAnswerError) && !(error instanceof CredentialsError)) throw error
      const isRefused = error instanceof CredentialsError && error.final
      return { token: isRefused ? 'refused' : 'unknown', reachable: false, problem: error.message }
    }
  }

  const check = async (): Promise<Readiness> => {
    const checkedAt = clock.now()
    last = summarize(await Promise.all(repositories.map(look)), checkedAt)
    return last
  }

  return async () => {
    if (last !== undefined && clock.now() - last.checkedAt < (last.ready ? goodForMs : badForMs)) {
      return { readiness: last, isNew: false }
    }
    // Who comes while GitHub is being asked waits for the same answer.
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
