import { unquoted } from '../domain/text/clean.ts'
import { Refused } from '../domain/verdict.ts'

const loopback = ['localhost', '127.0.0.1', '[::1]']

/**
 * Checks the base URL of a service that receives a token.
 *
 * @param name the name of the setting, for the message
 * @param given the value of the setting, as it was typed
 * @returns the URL without a trailing slash
 * @throws Refused when it is not a URL, has a user, query or fragment, or would send the token unencrypted
 */
export function parseEndpoint(name: string, given: string): string {
  const value = unquoted(given)
  const url = URL.canParse(value) ? new URL(value) : null
  const plain = url?.protocol === 'http:' && loopback.includes(url.hostname)
  // Not `search` and `hash`, which are empty for a bare "?" and "#".
  if (url === null || (url.protocol !== 'https:' && !plain) || /[@?#]/.test(url.href)) {
    throw new Refused(
      `${name} must be an https:// URL without user, query and fragment (http:// is allowed on loopback only).`,
    )
  }
  return url.href.replace(/\/+$/, '')
}

/**
 * The path and the query of an address from an answer, at the configured endpoint. An answer names the next page, or
 * where a resource is now; it does not decide who gets the token. A mirror passes on answers that name the original.
 *
 * @param address absolute or relative, from outside
 * @param options.endpoint the configured base URL, without a trailing slash; its path is kept in front
 * @param options.base the address of the answer, for relative ones
 * @returns null when it is not an address of HTTP
 */
export function atEndpoint(
  address: string,
  { endpoint, base }: { endpoint: string; base: string },
): string | null {
  const target = URL.canParse(address, base) ? new URL(address, base) : null
  if (target === null || !/^https?:$/.test(target.protocol)) return null
  const home = new URL(endpoint)
  const prefix = home.pathname.replace(/\/$/, '')
  const isBelow = target.pathname === prefix || target.pathname.startsWith(`${prefix}/`)
  return `${home.origin}${isBelow ? '' : prefix}${target.pathname}${target.search}`
}

/** Statuses with a `Location` at which the same request is to be sent. https://www.rfc-editor.org/rfc/rfc9110#status.3xx */
export const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308]

/**
 * An address without what may hold a secret: its user, its query and its fragment.
 *
 * @param address any text
 */
export function withoutQuery(address: string): string {
  if (!URL.canParse(address)) return '(invalid URL)'
  const { username, password, origin, pathname } = new URL(address)
  return username === '' && password === '' ? (address.split(/[?#]/)[0] ?? '') : `${origin}${pathname}`
}
