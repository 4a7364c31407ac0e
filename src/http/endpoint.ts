import { Refused } from '../domain/verdict.ts'

const loopback = ['localhost', '127.0.0.1', '[::1]']

/**
 * Checks the base URL of a service that gets a token.
 *
 * @param name of the setting, for the message
 * @param value as it was set
 * @returns the URL without a slash at its end
 * @throws Refused when it is no URL, carries user, query or fragment, or would send the token unencrypted
 */
export function parseEndpoint(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null
  const plain = url?.protocol === 'http:' && loopback.includes(url.hostname)
  // Not `search` and `hash`, which are empty for a bare "?" and "#".
  if (url === null || (url.protocol !== 'https:' && !plain) || /[@?#]/.test(url.href)) {
    throw new Refused(
      `${name} must be an https:// URL without user, query and fragment (http:// only on loopback).`,
    )
  }
  return url.href.replace(/\/+$/, '')
}
