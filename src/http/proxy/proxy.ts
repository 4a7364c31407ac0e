import { unquoted } from '../../domain/text/clean.ts'
import { Refused } from '../../domain/verdict.ts'
import { explainProxyError, type ProxyServer } from './proxy-error.ts'

/** Environment variables by name. */
type Environment = Readonly<Record<string, string | undefined>>

/** The proxies that the environment names, checked. Lower-case variables win, as in Node.js. */
export interface ProxySettings {
  /** For `proxyEnv` of Node's agents. https://nodejs.org/api/http.html#built-in-proxy-support */
  readonly env: Readonly<Record<'http_proxy' | 'https_proxy' | 'no_proxy', string | undefined>>
  /** The proxy for `https://` addresses. */
  readonly https: ProxyServer | null
  /** The proxy for `http://` addresses, which the settings allow on loopback only. */
  readonly http: ProxyServer | null
}

/** What this Node.js can do about proxies. */
export interface ProxyPlatform {
  /** Such as `v24.5.0`, for messages. */
  readonly nodeVersion: string
  /** Whether Node knows `--use-env-proxy`: then its agents take `proxyEnv`. Since 24.5 and 22.21. */
  readonly supportsProxyEnv: boolean
  /** `http.setGlobalProxyFromEnv`; undefined where Node has none. */
  readonly setGlobalProxy: ((env: ProxySettings['env']) => unknown) | undefined
}

const variables = {
  http_proxy: ['http_proxy', 'HTTP_PROXY'],
  https_proxy: ['https_proxy', 'HTTPS_PROXY'],
  no_proxy: ['no_proxy', 'NO_PROXY'],
} as const

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. A proxy without a scheme is an `http://` one, as in curl.
 *
 * @returns null when no proxy is set, or `NO_PROXY` is `*`
 * @throws Refused when a proxy is not an http:// or https:// URL; the message never shows its value
 */
export function readProxy(env: Environment): ProxySettings | null {
  const noProxy = find(env, variables.no_proxy)?.value
  const https = readUrl(env, variables.https_proxy)
  const http = readUrl(env, variables.http_proxy)
  if ((https === null && http === null) || noProxy === '*') return null
  return {
    env: { http_proxy: http?.url.href, https_proxy: https?.url.href, no_proxy: noProxy },
    https: https && toServer(https),
    http: http && toServer(http),
  }
}

/** Returns the user and password of every proxy in the environment, as written and decoded, for logs to hide. */
export function proxyCredentials(env: Environment): string[] {
  const names = [...variables.http_proxy, ...variables.https_proxy]
  const found = names.flatMap((name) => credentialsIn(unquoted(env[name] ?? '')))
  return [...new Set(found)].filter((text) => text !== '')
}

/**
 * Sends every later request to an `https://` address through the proxy, whether by the platform's `fetch` or by
 * node-fetch without an agent. `HTTP_PROXY` alone changes nothing.
 *
 * @param options.nodeUsesEnv whether Node was started with `NODE_USE_ENV_PROXY=1` or `--use-env-proxy`
 * @returns who uses the proxy: nobody when none is set, `node` when Node was started with it
 * @throws Refused when this Node.js would ignore the proxy, with what to do on a GitHub Actions runner
 */
export function applyProxy(options: {
  proxy: ProxySettings | null
  nodeUsesEnv: boolean
  platform: ProxyPlatform
}): 'none' | 'set' | 'node' {
  const { proxy, nodeUsesEnv, platform } = options
  const { nodeVersion, supportsProxyEnv, setGlobalProxy } = platform
  if (proxy === null || proxy.https === null) return 'none'
  if (setGlobalProxy !== undefined) {
    setGlobalProxy(proxy.env)
    return 'set'
  }
  if (nodeUsesEnv && supportsProxyEnv) return 'node'
  const problem = `${proxy.https.variable} is set, but the runner's Node.js ${nodeVersion}`
  throw new Refused(
    supportsProxyEnv
      ? `${problem} ignores it by default: set NODE_USE_ENV_PROXY: 1 in the env of this step, or update the runner.`
      : `${problem} cannot use a proxy: update the runner.`,
  )
}

/**
 * Returns the options that make an agent of `node:http` or `node:https` use the proxy.
 *
 * @throws Refused when this Node.js would ignore them
 */
export function agentProxyOptions(options: {
  proxy: ProxySettings | null
  platform: Omit<ProxyPlatform, 'setGlobalProxy'>
}): { proxyEnv?: ProxySettings['env'] } {
  const { proxy, platform } = options
  if (proxy === null) return {}
  if (proxy.https === null || platform.supportsProxyEnv) return { proxyEnv: proxy.env }
  throw new Refused(
    `${proxy.https.variable} is set, but Node.js ${platform.nodeVersion} cannot use a proxy: ` +
      'update it to 24.5 or later.',
  )
}

/**
 * Returns the same function, whose errors name the proxy's variable where the proxy failed, not the server behind it.
 *
 * @param options.proxy null: no proxy, and no error changes
 * @param options.send sends one request; its first argument is the address
 */
export function nameProxyInErrors<Args extends [string | URL | Request, ...unknown[]], R>(options: {
  proxy: ProxySettings | null
  send: (...args: Args) => Promise<R>
}): (...args: Args) => Promise<R> {
  const { proxy, send } = options
  if (proxy === null) return send
  return async (...args) => {
    try {
      return await send(...args)
    } catch (error) {
      const [address] = args
      const url = new URL(address instanceof Request ? address.url : address)
      const server = url.protocol === 'https:' ? proxy.https : proxy.http
      throw (server && explainProxyError(error, { server, target: url.hostname })) ?? error
    }
  }
}

function find(
  env: Environment,
  names: readonly string[],
): { readonly variable: string; readonly value: string } | null {
  for (const variable of names) {
    const value = unquoted(env[variable] ?? '')
    if (value !== '') return { variable, value }
  }
  return null
}

function readUrl(env: Environment, names: readonly string[]): { variable: string; url: URL } | null {
  const found = find(env, names)
  if (found === null) return null
  const { variable, value } = found
  const address = withScheme(value)
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new Refused(
      `${variable} must be the URL of an http:// or https:// proxy, such as http://proxy.example:3128.`,
    )
  }
  if (decode(url.username) === null || decode(url.password) === null) {
    throw new Refused(`${variable} has a % in its user or password that encodes nothing: write it as %25.`)
  }
  return { variable, url }
}

function withScheme(value: string): string {
  return value.includes('://') ? value : `http://${value}`
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

function toServer({ variable, url }: { variable: string; url: URL }): ProxyServer {
  const { protocol, hostname, port } = url
  return { variable, protocol, hostname, port: port || (protocol === 'https:' ? '443' : '80') }
}

/** Not read with `URL`: the value may be malformed, and it is a secret all the same. */
function credentialsIn(value: string): string[] {
  const [, written] = /^(?:[a-z][\w+.-]*:\/\/)?(.*)@/is.exec(value) ?? []
  if (written === undefined) return []
  const [user = '', ...rest] = written.split(':')
  // Without a password the user may be a token.
  const texts = [written, rest.join(':') || user]
  return texts.flatMap((text) => [text, decode(text) ?? text])
}
