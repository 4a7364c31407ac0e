import type * as z from 'zod/mini'
import { parseJson } from '../domain/parse-json.ts'
import type { Clock } from './clock.ts'
import { HttpError } from './errors.ts'
import type { TextExchange } from './exchange.ts'
import { createHider } from './hide-secret.ts'

/** One call of a JSON API. */
export interface ApiCall<T> {
  readonly method: 'GET' | 'POST'
  /** Below the base URL; parts from outside are percent-encoded by the caller. */
  readonly path: string
  /** Sent as JSON when given. */
  readonly body?: unknown
  /** What the answer must look like; null: any 2xx is good, and its body is not read. */
  readonly answer: z.ZodMiniType<T> | null
  readonly signal?: AbortSignal | undefined
}

/** A JSON API at one base URL, with the token that belongs there. */
export interface Api {
  readonly baseUrl: string
  /**
   * @throws HttpError when the answer is not 2xx or not what was asked for
   * @throws NoAnswerError when none came
   */
  call<T>(call: ApiCall<T>): Promise<T>
}

/** Who is asking; GitHub refuses requests without one. */
export const userAgent = 'auto-retrain'

/**
 * Binds a JSON API's base URL and token together, so that the token can go nowhere else.
 *
 * @param options.baseUrl without a slash at its end
 * @param options.token sent as `Authorization: Bearer`
 * @param options.http sends the requests, by the policy for outgoing requests
 */
export function createApi(options: {
  baseUrl: string
  token: string
  http: TextExchange
  clock: Clock
}): Api {
  const { baseUrl, token, http, clock } = options
  const hide = createHider([token])
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
      const parsed = answer.status >= 200 && answer.status < 300 ? parse(schema, answer.text) : null
      if (parsed !== null) return parsed.value
      const { status, headers, text } = answer
      throw new HttpError({ status, method, url, headers, body: hide(text), now: clock.now() })
    },
  }
}

function parse<T>(schema: z.ZodMiniType<T> | null, text: string): { value: T } | null {
  // Who asks for no form gets nothing back: T is whatever the caller ignores.
  if (schema === null) return { value: undefined as T }
  const value = parseJson(text)
  if (value === undefined) return null
  const result = schema.safeParse(value)
  return result.success ? { value: result.data } : null
}
