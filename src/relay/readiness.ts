import type { Clock } from '../http/clock.ts'
import { NoAnswerError } from '../http/errors.ts'
import { type HttpPolicy, withPolicy } from '../http/exchange.ts'
import type { TextExchange } from '../http/node-fetch.ts'
import { githubHeaders } from './dispatch.ts'
import { explainRefusal } from './refusals.ts'
import { CredentialsError, type TokenSource } from './tokens.ts'

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

type Finding = { token: Readiness['token']; reachable: boolean; problem?: string }

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

  const look = async (repository: string): Promise<Finding> => {
    try {
      const headers = githubHeaders(await tokens.get(repository))
      const answer = await http(`${apiUrl}/repos/${repository}`, { headers })
      if (answer.status === 200) return { token: 'accepted', reachable: true }
      const problem = explainRefusal(answer, repository)
      if (answer.status === 401) return { token: 'refused', reachable: false, problem }
      return { token: answer.status < 500 ? 'accepted' : 'unknown', reachable: false, problem }
    } catch (error) {
      if (!(error instanceof NoAnswerError) && !(error instanceof CredentialsError)) throw error
      const isRefused = error instanceof CredentialsError && error.final
      return { token: isRefused ? 'refused' : 'unknown', reachable: false, problem: error.message }
    }
  }

  return async () => {
    const now = clock.now()
    if (last !== undefined && now - last.checkedAt < (last.ready ? goodForMs : badForMs)) {
      return { readiness: last, isNew: false }
    }
    const findings = await Promise.all(repositories.map(look))
    last = summarize(findings, now)
    return { readiness: last, isNew: true }
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
  }
}
