/**
 * Whether two names mean one repository or account of the Hub, which takes names in any case.
 *
 * @param a a name, with or without a namespace
 * @param b another one of the same form
 */
export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
