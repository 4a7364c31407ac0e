import { type Direction, directionOf } from './direction.ts'
import { metricName } from './metric-name.ts'

/** What a recipe's `compare-metric` asks for. */
interface ComparedMetric {
  /** The name without its ending. */
  readonly name: string
  /** What the ending says, else what the name says; null: neither says which way is better. */
  readonly direction: Direction | null
}

const endings = [':min', ':max'] as const

/** An ending that was meant to be `:min` or `:max`. */
const wrongEnding = /: ?(?:(?:min|max)(?:imi[sz]e|imum)?|up|down|higher|lower)$/i

/**
 * Reads `compare-metric`: a name, with `:min` or `:max` at its end where the name does not say which way is better. The
 * name may have colons of its own.
 *
 * @returns null when there is no name of a metric in it
 */
export function readCompareMetric(text: string): ComparedMetric | null {
  const ending = endings.find((each) => text.endsWith(each))
  const name = metricName(ending === undefined ? text : text.slice(0, -ending.length))
  if (name === null || name.endsWith(':')) return null
  if (ending !== undefined) return { name, direction: ending === ':min' ? 'min' : 'max' }
  return wrongEnding.test(name) ? null : { name, direction: directionOf(name) }
}
