import { closestMatch } from 'leven'
import { cutText } from '../../../../domain/text/cut.ts'

/** The longest name from outside that a sentence shows, in characters. */
const maxName = 40

/** How many names a sentence lists. */
const maxNames = 8

/** A name from outside in quotes, without line ends and cut where it is long. */
export function quoteName(name: string): string {
  return JSON.stringify(cutText(name, maxName))
}

/** A list of names from outside, cut where it is long. */
export function quoteNames(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  const more = names.length - maxNames
  return `${names.slice(0, maxNames).map(quoteName).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** The known name that a wrong one most likely means; null when none is near. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const plain = (text: string) =>
    text
      .trim()
      .toLowerCase()
      .replaceAll(/[\s_-]/g, '')
  const same = known.find((other) => plain(other) === plain(name))
  return same ?? closestMatch(name, known, { maxDistance: Math.max(2, name.length / 3) }) ?? null
}
