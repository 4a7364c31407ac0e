import { withoutQuery } from './endpoint.ts'

/** Receives one line of the debug log about a request. It never holds a header, a body, a query or a secret. */
export type DebugHttp = (line: string) => void

/**
 * Describes one try of a request: `GET https://huggingface.co/api/whoami-v2: 200 in 85 ms (try 1)`.
 *
 * @param options.url its query and user are left out: they may hold secrets
 * @param options.result the status of the answer, or why there is none
 * @param options.durationMs milliseconds until the answer was complete
 * @param options.attempt the number of the try, from 1
 */
export function describeTry(options: {
  method: string
  url: string
  result: number | string
  durationMs: number
  attempt: number
}): string {
  const { method, url, result, durationMs, attempt } = options
  return `${method} ${withoutQuery(url)}: ${result} in ${Math.round(durationMs)} ms (try ${attempt})`
}

/**
 * Describes an answer whose body has an unexpected form.
 *
 * @param options.url its query and user are left out
 * @param options.paths where the body does not match; names that are not simple words are left out, at most five
 */
export function describeMismatch(options: {
  method: string
  url: string
  paths: readonly (readonly PropertyKey[])[]
}): string {
  const { method, url, paths } = options
  const places = paths.slice(0, 5).map((path) => path.map(shortName).join('.') || '(root)')
  return `${method} ${withoutQuery(url)}: unexpected body at ${places.join(', ')}`
}

/** A name may be a key from the body, so only simple words are shown. */
function shortName(name: PropertyKey): string {
  return /^\w{1,40}$/.test(String(name)) ? String(name) : '?'
}
