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
