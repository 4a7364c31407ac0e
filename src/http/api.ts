import type * as z from 'zod/mini'
import { parseJson } from '../domain/parse-json.ts'
import type { ReadWords } from './answers/words.ts'
import type { Clock } from './clock.ts'
import { type DebugHttp, describeMismatch } from './debug-line.ts'
import { HttpError } from './errors.ts'
import type { TextExchange } from './exchange.ts'
import { createHider } from './hide-secret.ts'

/** One call of a JSON API. */
export interface ApiCall<T> {
  readonly method: 'GET' | 'POST'
  /** Appended to the base URL; the caller percent-encodes parts from outside. */
  readonly path: string
  /** Sent as JSON when given. */
  readonly body?: unknown
  /** The schema of the answer's body; null accepts any 2xx and does not read the body. */
  readonly answer: z.ZodMiniType<T> | null
  readonly signal?: AbortSignal | undefined
}

/** A JSON API at one base URL, with the token that belongs there. */
export interface Api {
  readonly baseUrl: string
  /**
   * @throws HttpError when the answer is not 2xx or its body does not match the schema
   * @throws NoAnswerError when there was no complete answer
   */
  call<T>(call: ApiCall<T>): Promise<T>
}

/** The `User-Agent` of the action's requests; GitHub rejects requests without one. */
export const userAgent = 'auto-retrain'

/**
 * Binds a JSON API's base URL and token together, so that the token is sent nowhere else.
 *
 * @param options.baseUrl without a trailing slash
 * @param options.token sent as `Authorization: Bearer`; hidden in answers, as `options.secrets` are
 * @param options.http sends the requests, with the HTTP policy applied
 * @param options.readWords reads what the service says about a refusal
 * @param options.debug receives a line when a body has an unexpected form; tries are reported by `http`
 */
export function createApi(options: {
  baseUrl: string
  token: string
  secrets?: readonly string[]
  http: TextExchange
  readWords: ReadWords
  clock: Clock
  debug?: DebugHttp | undefined
}): Api {
  const { baseUrl, token, secrets = [], http, readWords, clock, debug } = options
  const hide = createHider([token, ...secrets])
  return {
    baseUrl,
    async call({ method, path, body, answer: schema, signal }) {
      const url = `${baseUrl}${path}`
      const answer = await http(url, {
        method,
        signal,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${token}`,
          'user-agent': userAgent,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const { status, headers, text } = answer
      if (status >= 200 && status < 300) {
        const parsed = parse(schema, text)
        if (parsed.ok) return parsed.value
        debug?.(describeMismatch({ method, url, paths: parsed.paths }))
      }
      const said = readWords({ headers, body: text })
      const words = said === null ? null : hide(said)
      throw new HttpError({ status, method, url, headers, body: hide(text), words, now: clock.now() })
    },
  }
}

type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly paths: readonly (readonly PropertyKey[])[] }

function parse<T>(schema: z.ZodMiniType<T> | null, text: string): Parsed<T> {
  // Without a schema the caller ignores the value, so T does not matter.
  if (schema === null) return { ok: true, value: undefined as T }
  const value = parseJson(text)
  if (value === undefined) return { ok: false, paths: [[]] }
  const result = schema.safeParse(value)
  if (result.success) return { ok: true, value: result.data }
  return { ok: false, paths: result.error.issues.map(({ path }) => path) }
}
