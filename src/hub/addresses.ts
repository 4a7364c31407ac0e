import { atEndpoint, redirectStatuses } from '../http/endpoint.ts'
import { nextLink } from '../http/headers/link-header.ts'

/** Sends one request. */
export type Send = (target: string, request: RequestInit) => Promise<Response>

/** Under these a Hub names itself in its answers, also where a mirror passes them on. */
const publicOrigins = ['https://huggingface.co', 'https://hf.co']

/** A renamed repository and a download redirect a few times at most. */
const maxRedirects = 5

/**
 * The address that a request goes to: an API address that an answer named under the Hub's public name is asked of the
 * configured Hub, since a mirror passes on answers with the addresses of the original.
 *
 * @param target absolute
 * @param hubUrl the configured Hub, without a trailing slash
 */
export function ownAddress(target: string, hubUrl: string): string {
  const { origin, pathname } = new URL(target)
  const isOriginal = publicOrigins.includes(origin) && origin !== new URL(hubUrl).origin
  if (!isOriginal || !pathname.startsWith('/api/')) return target
  return atEndpoint(target, { endpoint: hubUrl, base: target }) ?? target
}

/**
 * Sends a request and follows redirects of GET and HEAD: those of the API to the same path at the configured Hub, those
 * of downloads to wherever the file lies. The token is sent to the configured Hub only, and not any more after a
 * redirect has led away from it. Other methods are not redirected: their body can hold a Job's secrets.
 *
 * @param options.send follows no redirect when it is asked not to
 */
export async function sendAtHub(
  target: string,
  request: RequestInit,
  { hubUrl, send }: { hubUrl: string; send: Send },
): Promise<Response> {
  const home = new URL(hubUrl).origin
  const isRead = ['GET', 'HEAD'].includes((request.method ?? 'GET').toUpperCase())
  const headers = new Headers(request.headers)
  let url = target
  for (let count = 0; ; count += 1) {
    if (new URL(url).origin !== home) headers.delete('authorization')
    const response = await send(url, { ...request, headers, redirect: 'manual' })
    const next = isRead && count < maxRedirects ? redirectOf(response, { url, hubUrl }) : null
    if (next === null || next === url) return response
    await response.body?.cancel()
    url = next
  }
}

function redirectOf(
  { status, headers }: Response,
  { url, hubUrl }: { url: string; hubUrl: string },
): string | null {
  const location = headers.get('location')
  if (location === null || !redirectStatuses.includes(status) || !URL.canParse(location, url)) return null
  const next = new URL(location, url)
  const home = new URL(hubUrl)
  const isOfApi = new URL(url).origin === home.origin && isApiPath(new URL(url).pathname, home)
  // Also below the same origin: an original does not know the path that a mirror stands behind.
  if (isOfApi || (next.origin !== home.origin && publicOrigins.includes(next.origin))) {
    return atEndpoint(location, { endpoint: hubUrl, base: url })
  }
  return /^https?:$/.test(next.protocol) ? next.href : null
}

/** The Hub keeps copies of small files below its API; they redirect as downloads do. */
function isApiPath(pathname: string, { pathname: prefix }: URL): boolean {
  const path = pathname.slice(prefix.replace(/\/$/, '').length)
  return path.startsWith('/api/') && !path.startsWith('/api/resolve-cache/')
}

/**
 * Makes a function that lets the next page of a list, which an answer names in `Link`, be asked of the configured Hub.
 * The Hub's client reads one form of this header only, and takes every other form for the end of the list.
 *
 * @param hubUrl the configured Hub, without a trailing slash
 * @returns a function for the answers of one operation; it throws when the next page is one that was named before, or
 *   is named in an unknown form: the list would not end, or not be complete
 */
export function createPager(hubUrl: string): (response: Response, asked: string) => Response {
  const named = new Set<string>()
  return (response, asked) => {
    const target = response.ok ? nextLink(response.headers.get('link')) : null
    if (target === null) return response
    const next = atEndpoint(target, { endpoint: hubUrl, base: asked })
    if (next === null)
      throw new Error('The Hub names the next page of a list by something that is no address.')
    if (next === asked || named.has(next)) {
      throw new Error('A list of the Hub does not end: it names the same next page twice.')
    }
    named.add(next)
    response.headers.set('link', `<${next}>; rel="next"`)
    return response
  }
}
