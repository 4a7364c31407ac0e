import { type HeaderReader, retryAfterMs } from './headers/retry-after.ts'

/** What an `HttpError` is made of. */
export interface HttpErrorOptions {
  readonly status: number
  readonly method: string
  readonly url: string
  readonly headers: HeaderReader
  readonly body: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** What a person should do about it. */
  readonly nextStep?: string
}

/** An answer came, and it is not the one that was asked for. The status says what to do next. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  /** The server's id of the request, for its support; null when it gave none. */
  readonly requestId: string | null
  /** The Hub's `X-Error-Code` (`RepoNotFound`, `RevisionNotFound`...); null when there is none. */
  readonly code: string | null
  /** The beginning of the answer's body: from outside, to be escaped where it is shown. */
  readonly body: string
  /** How long the server asks to wait, in milliseconds; null when it does not say. */
  readonly retryAfterMs: number | null
  readonly #options: HttpErrorOptions

  constructor(options: HttpErrorOptions) {
    const { status, method, url, headers, body, now, nextStep } = options
    const requestId = readRequestId(headers)
    const unexpected = status >= 200 && status < 300 ? ' with something else than it should' : ''
    const id = requestId === null ? '' : ` (request id ${requestId})`
    super(
      `${method} ${url} answered ${status}${unexpected}${id}${nextStep === undefined ? '' : `: ${nextStep}`}`,
    )
    this.status = status
    this.requestId = requestId
    this.code = readWord(headers.get('x-error-code'))
    this.body = body.slice(0, 2000)
    this.retryAfterMs = retryAfterMs(headers, now)
    this.#options = options
  }

  /** The same error, whose message ends with what a person should do about it. */
  withNextStep(nextStep: string): HttpError {
    return new HttpError({ ...this.#options, nextStep })
  }
}

/** No whole answer came: whether the other side did what was asked is not known, unless it was never reached. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
  /** True when the connection was never made, so that the request cannot have had any effect. */
  readonly neverSent: boolean

  constructor(options: { method: string; url: string; cause: unknown }) {
    const { method, url, cause } = options
    super(`${method} ${url} got no answer: ${describeCause(cause)}`, { cause })
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

function describeCause(cause: unknown): string {
  const name = typeof cause === 'object' && cause !== null && 'name' in cause ? String(cause.name) : null
  if (name === 'TimeoutError') return 'it took too long'
  if (cause instanceof Error && name === 'ProxyError') return cause.message
  const code = errorCode(cause)
  if (code !== undefined && unknownCa.test(code)) {
    return `${code}, the CA of its certificate is unknown: set NODE_EXTRA_CA_CERTS to a PEM file with that CA's certificate`
  }
  return code ?? name ?? 'unknown cause'
}

/** GitHub's, the Hub's and its load balancer's names for the id. https://huggingface.co/docs/hub/api */
function readRequestId(headers: HeaderReader): string | null {
  const names = ['x-github-request-id', 'x-request-id', 'x-amzn-trace-id', 'x-amz-cf-id']
  return names.reduce<string | null>((found, name) => found ?? readWord(headers.get(name)), null)
}

function readWord(value: string | null): string | null {
  return value !== null && /^[\w:;=.+/-]{1,128}$/.test(value) ? value : null
}
