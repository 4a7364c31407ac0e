import * as z from 'zod/mini'
import { parseJson } from '../domain/parse-json.ts'
import { repoNamePattern, revisionPattern } from '../domain/revision.ts'
import { readTime } from '../domain/text/format.ts'
import { userAgent } from '../http/api.ts'
import type { Clock } from '../http/clock.ts'
import { atEndpoint, redirectStatuses } from '../http/endpoint.ts'
import { HttpError } from '../http/errors.ts'
import { type HttpPolicy, type TextAnswer, type TextExchange, withPolicy } from '../http/exchange.ts'
import { createHider } from '../http/hide-secret.ts'
import { readHubWords } from './words.ts'

/** A repository of the Hub. */
export interface HubRepo {
  readonly type: 'dataset' | 'model'
  /** `namespace/name` */
  readonly name: string
  /** A branch, without `refs/heads/`. */
  readonly branch: string
}

/** The head of a branch as the Hub shows it. */
export interface HubHead {
  /** The full commit sha. */
  readonly revision: string
  /** `namespace/name`, as it is today: the Hub redirects from the name before a rename. */
  readonly name: string
  /** The Hub's id, which survives a rename; null where the Hub does not say. */
  readonly id: string | null
  /** Null where the Hub does not say. */
  readonly isPrivate: boolean | null
}

/**
 * Reads heads at the Hub with web standards only, and with or without a token.
 *
 * Each function throws `HttpError` for an answer that is not 2xx or has an unknown form, and `NoAnswerError` when there
 * was none.
 */
export interface HubHeads {
  /** Looks up the head of a branch. https://huggingface.co/docs/hub/api */
  head(repo: HubRepo): Promise<HubHead>
  /**
   * When the newest commit of a branch was made, in milliseconds since the epoch; null where the Hub does not say. A
   * commit that was pushed with git may be older than its push.
   */
  headDate(repo: HubRepo): Promise<number | null>
}

/** A renamed repository redirects a few times at most. */
const maxRedirects = 5

/** A look comes again: it need not be patient. */
const policy: HttpPolicy = {
  perTryMs: 10_000,
  totalMs: 25_000,
  retries: 2,
  firstDelayMs: 500,
  retryUnsafe: false,
}

const headSchema = z.object({
  sha: z.string().check(z.regex(revisionPattern)),
  id: z.string().check(z.regex(repoNamePattern)),
  _id: z.optional(z.string()),
  private: z.optional(z.boolean()),
})

const commitsSchema = z.array(z.object({ date: z.string() }))

/**
 * Binds the Hub's URL and a token together. The token is sent to no other origin: redirects of the API are asked of the
 * configured Hub.
 *
 * @param options.url `HF_ENDPOINT`, without a slash at its end
 * @param options.token null: without one, only what is public can be read
 * @param options.send sends a request once and follows no redirect
 */
export function createHubHeads(options: {
  url: string
  token: string | null
  send: TextExchange
  clock: Clock
  random: () => number
}): HubHeads {
  const { url: hubUrl, token, send, clock, random } = options
  const http = withPolicy({ send, policy, clock, random })
  const hide = createHider(token === null ? [] : [token])
  const headers = {
    accept: 'application/json',
    'user-agent': userAgent,
    ...(token !== null && { authorization: `Bearer ${token}` }),
  }

  const get = async <T>(path: string, schema: z.ZodMiniType<T>): Promise<T> => {
    let url = `${hubUrl}${path}`
    let answer = await http(url, { headers })
    for (let count = 0; count < maxRedirects; count += 1) {
      const next = redirectOf(answer, { url, hubUrl })
      if (next === null || next === url) break
      url = next
      answer = await http(url, { headers })
    }
    const { status, headers: answered, text } = answer
    const parsed = status >= 200 && status < 300 ? schema.safeParse(parseJson(text)) : null
    if (parsed?.success) return parsed.data
    const said = readHubWords({ headers: answered, body: text })
    throw new HttpError({
      status,
      method: 'GET',
      url,
      headers: answered,
      body: hide(text),
      words: said === null ? null : hide(said),
      now: clock.now(),
    })
  }

  return {
    async head({ type, name, branch }) {
      const query = 'expand=sha&expand=private'
      const path = `/api/${type}s/${name}/revision/${encodeURIComponent(branch)}?${query}`
      const found = await get(path, headSchema)
      return {
        revision: found.sha,
        name: found.id,
        id: found._id ?? null,
        isPrivate: found.private ?? null,
      }
    },
    async headDate({ type, name, branch }) {
      const path = `/api/${type}s/${name}/commits/${encodeURIComponent(branch)}?limit=1`
      const [newest] = await get(path, commitsSchema)
      return newest === undefined ? null : readTime(newest.date)
    },
  }
}

function redirectOf(
  { status, headers }: TextAnswer,
  { url, hubUrl }: { url: string; hubUrl: string },
): string | null {
  const location = headers.get('location')
  if (location === null || !redirectStatuses.includes(status)) return null
  return atEndpoint(location, { endpoint: hubUrl, base: url })
}
