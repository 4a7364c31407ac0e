import { type Measured, nothingMeasured } from '../../../domain/metrics/measured.ts'
import { readWholeDictionary } from './dictionary.ts'
import { logValue } from './log-value.ts'
import { measuredFrom } from './measured-from.ts'

/** Longer lines are ignored, in characters. */
const maxLineLength = 10_000

const marker = 'auto-retrain:metrics'

/**
 * Reads a line with which a script reports its last metrics: `auto-retrain:metrics {"accuracy": 0.93}`, also behind what
 * a logger or a progress bar puts before it. JSON and Python's own form are read.
 *
 * @param line untrusted
 * @returns null when the line is no such report
 */
export function readReportedLine(line: string): Measured | null {
  if (line.length > maxLineLength) return null
  const at = line.lastIndexOf(marker)
  if (at === -1) return null
  const text = line.slice(at + marker.length)
  if (!/^[\s:]/.test(text)) return null
  const entries = readWholeDictionary(text.replace(/^:/, ''))
  if (entries === null) return null
  return entries.length === 0
    ? nothingMeasured
    : measuredFrom(entries.map(({ name, text: value }) => [name, logValue(value)] as const))
}
