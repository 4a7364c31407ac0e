import { userAgent } from '../../http/api.ts'
import { systemClock } from '../../http/clock.ts'
import { withoutQuery } from '../../http/endpoint.ts'
import { NoAnswerError } from '../../http/errors.ts'
import { defaultPolicy, withPolicy } from '../../http/exchange.ts'
import { wholeAnswer } from '../../http/whole-answer.ts'
import { maxScriptBytes } from '../../trainers/script/header/script-text.ts'
import { CodeProblem } from './code-problem.ts'

/**
 * Fetches a script from a URL, without a token. uv would run whatever the server answers, a page that says 404 too.
 *
 * @param options.send the platform's `fetch`
 * @throws CodeProblem when there is no such file, or the server gives no good answer
 */
export async function fetchScript(
  url: string,
  { send, signal }: { send: typeof fetch; signal: AbortSignal },
): Promise<Uint8Array> {
  const once = async (target: string, init: RequestInit) =>
    wholeAnswer(await send(target, init), { maxBytes: maxScriptBytes + 1 })
  const http = withPolicy({ send: once, policy: defaultPolicy, clock: systemClock })
  const shown = withoutQuery(url)
  const response = await http(url, { headers: { 'user-agent': userAgent }, signal }).catch(
    (cause: unknown) => {
      signal.throwIfAborted()
      const why =
        cause instanceof NoAnswerError ? cause.message : 'the server gave no answer that can be read'
      throw new CodeProblem(`script: ${shown} could not be fetched: ${why}.`, { passes: true, cause })
    },
  )
  if (response.ok) return new Uint8Array(await response.arrayBuffer())
  const { status } = response
  const passes = status >= 500 || status === 429
  const advice = passes ? 'the next check tries again' : 'check the address, and that it needs no sign-in'
  throw new CodeProblem(`script: ${shown} answered ${status}: ${advice}.`, { passes })
}
