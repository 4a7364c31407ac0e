import { userAgent } from '../../http/api.ts'
import { systemClock } from '../../http/clock.ts'
import { withoutQuery } from '../../http/endpoint.ts'
import { NoAnswerError } from '../../http/errors.ts'
import { type Answer, defaultPolicy, withPolicy } from '../../http/exchange.ts'
import { maxScriptBytes } from '../../trainers/script/header/script-text.ts'
import { CodeProblem } from './code-problem.ts'

/** What a server answered: as much of the body as shows whether it is too long. */
interface ScriptAnswer extends Answer {
  readonly body: Uint8Array
  /** After redirects. */
  readonly url: string
}

/**
 * Fetches a script from a URL, without a token. uv would run whatever the server answers, a page that says 404 too.
 *
 * @param options.send the platform's `fetch`
 * @throws CodeProblem when there is no such file, it is too long, or the server gives no good answer
 */
export async function fetchScript(
  url: string,
  { send, signal }: { send: typeof fetch; signal: AbortSignal },
): Promise<Uint8Array> {
  const once = async (target: string, init: RequestInit): Promise<ScriptAnswer> => {
    const answer = await send(target, init)
    const { status, headers } = answer
    return { status, headers, url: answer.url, body: await beginOf(answer, maxScriptBytes) }
  }
  const http = withPolicy({ send: once, policy: defaultPolicy, clock: systemClock })
  const shown = withoutQuery(url)
  const answer = await http(url, { headers: { 'user-agent': userAgent }, signal }).catch((cause: unknown) => {
    signal.throwIfAborted()
    const why = cause instanceof NoAnswerError ? cause.message : 'the server gave no answer that can be read'
    throw new CodeProblem(`script: ${shown} could not be fetched: ${why}.`, { passes: true, cause })
  })
  const { status, body } = answer
  if (status < 200 || status > 299) {
    const passes = status >= 500 || status === 429
    const advice = passes ? 'the next check tries again' : 'check the address, and that it needs no sign-in'
    throw new CodeProblem(`script: ${shown} answered ${status}: ${advice}.`, { passes })
  }
  if (url.startsWith('https:') && !answer.url.startsWith('https:')) {
    throw new CodeProblem(
      `script: ${shown} leads to an address without https, where anyone on the way could change it: use the address of ` +
        'the file itself.',
    )
  }
  if (body.byteLength > maxScriptBytes) {
    const kilobytes = maxScriptBytes / 1000
    throw new CodeProblem(`script: ${shown} has more than the ${kilobytes} kB that a script may have.`)
  }
  return body
}

/** Stops reading as soon as a body is longer. */
async function beginOf(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes > maxBytes) break
  }
  return new Uint8Array(Buffer.concat(chunks))
}
