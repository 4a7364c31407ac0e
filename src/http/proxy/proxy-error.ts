import { errorCode } from '../errors.ts'

/** One proxy, without its credentials. */
export interface ProxyServer {
  /** The variable that names it, as the user wrote it. */
  readonly variable: string
  readonly protocol: string
  readonly hostname: string
  readonly port: string
}

/** The proxy failed, not the server behind it. The message names the proxy's variable, never its value. */
class ProxyError extends Error {
  override readonly name = 'ProxyError'
  readonly code: string

  constructor(message: string, options: { code: string; cause: unknown }) {
    super(message, { cause: options.cause })
    this.code = options.code
  }
}

/**
 * Explains an error of a request that was sent through a proxy, by the agents of Node.js or by its `fetch`: there is no
 * common error for a failed proxy, each has its own texts.
 *
 * @param options.target the host that the request was for
 * @returns null when the proxy did not fail
 */
export function explainProxyError(
  error: unknown,
  options: { server: ProxyServer; target: string },
): ProxyError | null {
  const { server, target } = options
  const explain = (message: string, code: string) =>
    new ProxyError(`the proxy in ${server.variable} ${message}`, { code, cause: error })
  const code = errorCode(error)
  const texts = messagesOf(error)
  const status = texts.map((text) => statusPattern.exec(text)?.slice(1).join('')).find(Boolean)
  if (status === '407') {
    return explain('answered 407: put the right user and password in the variable', tunnelCode)
  }
  if (status !== undefined) {
    return explain(`answered ${status}: check that it allows ${target}`, tunnelCode)
  }
  if (code === tunnelCode) {
    return explain(`opened no connection to ${target}: check that it is an HTTP proxy`, tunnelCode)
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' && server.protocol === 'https:') {
    return explain('does not speak TLS: begin the variable with http://', code)
  }
  if (code === undefined || !connectionCodes.includes(code) || !isAbout(server, texts)) return null
  return explain(`cannot be reached (${code}): check the variable, or add ${target} to NO_PROXY`, code)
}

/** Errors of a connection that was not made. UND_ERR_CONNECT_TIMEOUT is the platform's `fetch`. */
const connectionCodes = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]

/** The code of Node's agents for a CONNECT that failed. */
const tunnelCode = 'ERR_PROXY_TUNNEL'

/** The status of a refused CONNECT, in the words of the agents and of the platform's `fetch`. */
const statusPattern = /^Proxy response \((\d{3})\)|Failed to establish tunnel .*: HTTP\/1\.\d (\d{3})/

/**
 * Whether a connection error is about the proxy, not about a server that NO_PROXY excludes from it. The errors name
 * the host that was looked up, or the address and port that were called, or, after several addresses, nothing.
 */
function isAbout({ hostname, port }: ProxyServer, texts: readonly string[]): boolean {
  return texts.some((text) => {
    const reason = text.split('reason: ').at(-1) ?? ''
    return reason === '' || reason.endsWith(` ${hostname}`) || new RegExp(`:${port}\\b`).test(reason)
  })
}

function messagesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const inner = error instanceof AggregateError ? error.errors : []
  return [error.message, ...[error.cause, ...inner].flatMap(messagesOf)]
}
