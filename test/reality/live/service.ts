/** An answer of a service. */
export interface Answer {
  readonly status: number
  /** Parsed JSON, or text. */
  readonly data: unknown
}

/** One service, as the owner of one token sees it. */
export interface Service {
  readonly url: string
  /** Sends a request. Any status is an answer. @throws Error when the path leads to another origin */
  send(method: string, path: string, body?: unknown): Promise<Answer>
  /** Reads text that may go on for a while, up to a time limit in milliseconds. */
  read(path: string, limitMs: number): Promise<string>
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * Binds a token to the one origin it is for. Redirects are answers and are never followed.
 *
 * @param options.url the base URL, for example `HF_ENDPOINT`
 * @param options.headers more headers of each request
 */
export function createService(options: {
  url: string
  token: string
  headers?: Readonly<Record<string, string>>
}): Service {
  const { token, headers } = options
  const url = options.url.replace(/\/+$/, '')
  const { origin } = new URL(url)
  const request = (method: string, path: string, init: { body?: unknown; limitMs?: number } = {}) => {
    const { body, limitMs = 60_000 } = init
    const target = new URL(url + path)
    if (target.origin !== origin) throw new Error(`${path} leads away from ${origin}: the token stays there.`)
    const type = typeof body === 'string' ? 'application/x-ndjson' : 'application/json'
    return fetch(target, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(limitMs),
      headers: {
        ...headers,
        authorization: `Bearer ${token}`,
        'user-agent': 'auto-retrain-live-check',
        ...(body !== undefined && { 'content-type': type }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  }
  return {
    url,
    async send(method, path, body) {
      const response = await request(method, path, { body })
      return { status: response.status, data: parse(await response.text()) }
    },
    async read(path, limitMs) {
      const response = await request('GET', path, { limitMs })
      let text = ''
      try {
        const decoder = new TextDecoder()
        for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true })
      } catch {
        // The limit: what came until then is the answer.
      }
      return text
    },
  }
}

/** @returns the field of an answer at a path such as `auth.accessToken.role`, or undefined */
export function field(data: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], data)
}

/** @returns the status and what the service says about it, on one line */
export function describeAnswer({ status, data }: Answer): string {
  const said = ['message', 'error', 'errors', 'error_description']
    .map((name) => field(data, name))
    .find(Boolean)
  const text = said === undefined ? '' : ` ${typeof said === 'string' ? said : JSON.stringify(said)}`
  return `${status}${text}`.replaceAll(/\s+/g, ' ').slice(0, 300)
}

/**
 * Insists on a status.
 *
 * @returns the answer's data
 * @throws Error with the answer when it has another status
 */
export function mustBe(status: number, answer: Answer): unknown {
  if (answer.status === status) return answer.data
  throw new Error(`The service answered ${describeAnswer(answer)} where ${status} was expected.`)
}
