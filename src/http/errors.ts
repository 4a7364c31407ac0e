import { cutText } from '../domain/text/cut.ts'
import { formatDuration } from '../domain/text/format.ts'
import { pageTitle, showWords } from './answers/words.ts'
import { withoutQuery } from './endpoint.ts'
import { type HeaderReader, isRateLimited, retryAfterMs } from './headers/retry-after.ts'

/** The facts of an answer that an `HttpError` reports. */
export interface HttpErrorOptions {
  readonly status: number
  readonly method: string
  readonly url: string
  readonly headers: HeaderReader
  readonly body: string
  /** What the service says about it, with secrets hidden; null when it says nothing. */
  readonly words: string | null
  /** Milliseconds since the epoch. */
  readonly now: number
  /** What to do about it; ends the message. */
  readonly nextStep?: string
}

/**
 * The server answered with an error, or with a body of an unexpected form. `status` tells which. The message has the
 * address without its query, the service's own words, and how long a limit lasts.
 */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  /** The address that answered, without its query. */
  readonly address: string
  /** The server's id of the request, for its support team; null without one. */
  readonly requestId: string | null
  /** The Hub's `X-Error-Code` (`RepoNotFound`, `RevisionNotFound`...); null without one. */
  readonly code: string | null
  /** The first 2000 characters of the answer's body: from outside, so escape it wherever it is shown. */
  readonly body: string
  /** What the service says about it: from outside, on one line, at most 400 characters. Null when it says nothing. */
  readonly words: string | null
  /** The title of the page of HTML that was answered; null when it was none, empty when it has no title. */
  readonly page: string | null
  /** How long the server asks to wait, in milliseconds; null when it names no time. */
  readonly retryAfterMs: number | null
  /** Whether the answer is a rate limit, also where its status is 403. */
  readonly isLimit: boolean
  readonly #options: HttpErrorOptions

  constructor(options: HttpErrorOptions) {
    const { status, headers, body, now } = options
    const page = pageTitle(body)
    const words = page !== null || options.words === null ? null : showWords(options.words) || null
    const isLimit = isRateLimited(status, headers, body)
    const waitMs = retryAfterMs(headers, now, body)
    super(describeAnswer(options, { page, words, waitMs: isLimit || status === 503 ? waitMs : null }))
    this.status = status
    this.address = withoutQuery(options.url)
    this.requestId = readRequestId(headers)
    this.code = readWord(headers.get('x-error-code'))
    this.body = cutText(body, 2000)
    this.words = words
    this.page = page
    this.retryAfterMs = waitMs
    this.isLimit = isLimit
    this.#options = options
  }

  /** The same error with a message that ends with what to do. */
  withNextStep(nextStep: string): HttpError {
    return new HttpError({ ...this.#options, nextStep })
  }
}

function describeAnswer(
  options: HttpErrorOptions,
  { page, words, waitMs }: { page: string | null; words: string | null; waitMs: number | null },
): string {
  const { method, url, status, headers, nextStep } = options
  const id = readRequestId(headers)
  const fact =
    `${method} ${withoutQuery(url)} answered ${status}${page === null ? formOf(options) : ` with ${nameOfPage(page)}`}` +
    `${id === null ? '' : ` (request id ${id})`}`
  const said = words === null ? fact : `${fact}: "${words}"`
  const more = [
    ...(waitMs === null || waitMs < 1000 ? [] : [`the limit is free again in ${formatDuration(waitMs)}`]),
    ...(nextStep === undefined ? [] : [nextStep]),
  ]
  if (more.length === 0) return said
  return `${said}${words === null ? ':' : ';'} ${more.join('; ')}`
}

/** What the status alone does not say of an answer that is no page. */
function formOf({ status, headers, url }: HttpErrorOptions): string {
  if (status >= 200 && status < 300) return ' with an unexpected body'
  const location = status >= 300 && status < 400 ? headers.get('location') : null
  if (location === null || !URL.canParse(location, url)) return ''
  return `, a redirect to ${withoutQuery(new URL(location, url).href)}`
}

/** A page of HTML in words, with its title. */
export function nameOfPage(title: string): string {
  return title === '' ? 'a page of HTML' : `a page of HTML ("${title}")`
}

/** There was no complete answer. The server may have carried out the request, unless `neverSent` is true. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
  /** True when no connection was made, so the request cannot have had an effect. */
  readonly neverSent: boolean

  constructor(options: { method: string; url: string; cause: unknown }) {
    const { method, url, cause } = options
    super(`${method} ${withoutQuery(url)} got no answer: ${failureCode(cause)}`, { cause })
    this.neverSent = neverSentCodes.includes(errorCode(cause) ?? '')
  }
}

/**
 * Errors that come before the first byte is sent: system errors, and a proxy that opened no connection.
 * https://nodejs.org/api/errors.html#common-system-errors
 */
const neverSentCodes = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_PROXY_TUNNEL',
]

/** A certificate of a CA that Node does not know. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const unknownCa = /^(UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|SELF_SIGNED|DEPTH_ZERO_SELF_SIGNED|CERT_UNTRUSTED)/

/** Returns an error's code. The platform's `fetch` wraps the system error in a TypeError, node-fetch copies its code. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return 'cause' in error ? errorCode(error.cause) : undefined
}

/**
 * Why a request failed, in one word that is safe to show: the system's error code, such as `ECONNRESET`, or the
 * class of the error. Messages of other libraries are left out: they may hold anything.
 *
 * @param cause anything that was thrown
 */
export function failureCode(cause: unknown): string {
  const name = typeof cause === 'object' && cause !== null && 'name' in cause ? String(cause.name) : null
  if (name === 'TimeoutError') return 'timed out'
  if (cause instanceof Error && name === 'ProxyError') return cause.message
  const code = errorCode(cause)
  if (code !== undefined && unknownCa.test(code)) {
    return `${code}, the CA of its certificate is unknown: set NODE_EXTRA_CA_CERTS to a PEM file with that CA's certificate`
  }
  return code ?? name ?? 'unknown cause'
}

/** The headers of GitHub, the Hub and its load balancer, in order of preference. https://huggingface.co/docs/hub/api */
function readRequestId(headers: HeaderReader): string | null {
  const names = ['x-github-request-id', 'x-request-id', 'x-amzn-trace-id', 'x-amz-cf-id']
  return names.reduce<string | null>((found, name) => found ?? readWord(headers.get(name)), null)
}

function readWord(value: string | null): string | null {
  return value !== null && /^[\w:;=.+/-]{1,128}$/.test(value) ? value : null
}
