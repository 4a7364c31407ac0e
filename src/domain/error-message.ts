/** More links than a wrapped error has; the limit ends chains that refer to themselves. */
const maxCauses = 10

/** The message of an error. Anything can be thrown: a value that is not an error is turned into text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/**
 * An error and its causes, outermost first, for diagnosis: `TypeError: fetch failed`,
 * `Error [ECONNRESET]: read ECONNRESET`. The errors of an `AggregateError` come before its cause.
 *
 * @param error anything that was thrown
 * @returns one line for each, with class name and message; at most 10. Messages may hold text from outside
 */
export function causeChain(error: unknown): string[] {
  const found: unknown[] = []
  collect(error, found)
  return found.map(describe)
}

function collect(error: unknown, found: unknown[]): void {
  if (error === undefined || error === null || found.includes(error) || found.length === maxCauses) return
  found.push(error)
  if (error instanceof AggregateError) for (const inner of error.errors) collect(inner, found)
  if (error instanceof Error) collect(error.cause, found)
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : ''
  return `${error.name}${code}: ${error.message}`.replaceAll(/\s+/g, ' ').trim()
}
