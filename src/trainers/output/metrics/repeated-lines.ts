import { isUsable, type LogValue } from './log-value.ts'
import type { LogPoint } from './metric-line.ts'

/** How many lines a repetition may come later: a pipe that is written in blocks holds back some dozen. */
const maxRemembered = 100

/** How the Trainer rounds an epoch that it prints: to two decimals, since version 5 to four significant digits. */
const epochUnit = 0.01
const significantDigits = 4

/** Recognises metrics that a log has twice. */
export interface RepeatedLines {
  /**
   * Compares the metrics of a line with those of the lines before it.
   *
   * @returns what is new in it: the line itself, or the values that the first line of its kind lacked, at the epoch of
   *   that line; null when it only repeats
   */
  newIn(point: LogPoint): LogPoint | null
}

/**
 * Starts without any line. A Trainer with a logger prints every dictionary twice: once exactly, and once for people,
 * with a rounded epoch and since version 5 with rounded values. Two lines are the same one when an epoch is the other
 * one or its rounding, and so is every value that both have.
 * https://github.com/huggingface/transformers/blob/main/src/transformers/trainer_callback.py
 */
export function createRepeatedLines(): RepeatedLines {
  const lines: LogPoint[] = []
  return {
    newIn(point) {
      const entries = Object.entries(point.values)
      const first = lines.findLast((line) => isSameEpoch(line.epoch, point.epoch) && hasValues(line, entries))
      if (first === undefined) {
        lines.push(point)
        if (lines.length > maxRemembered) lines.shift()
        return point
      }
      const rest = entries.filter(([name]) => !Object.hasOwn(first.values, name))
      return rest.length === 0 ? null : { epoch: first.epoch, values: Object.fromEntries(rest) }
    },
  }
}

/** Whether a line has values of the same names, and all of them the same. */
function hasValues({ values }: LogPoint, entries: readonly (readonly [string, LogValue])[]): boolean {
  let shared = 0
  // A loop that ends at the first difference: every line of a log is compared with many others.
  for (const [name, value] of entries) {
    const before = values[name]
    if (before === undefined || value === 'cut off') continue
    if (!isSameValue(before, value)) return false
    shared += 1
  }
  return shared > 0
}

function isSameValue(first: LogValue, second: LogValue): boolean {
  return isUsable(first) && isUsable(second) ? isSameTo(significant, first, second) : first === second
}

function isSameEpoch(first: number, second: number): boolean {
  return isSameTo(() => epochUnit, first, second) || isSameTo(significant, first, second)
}

/** Whether two numbers are equal, or one of them is the other one rounded to a unit. */
function isSameTo(unitOf: (value: number) => number, first: number, second: number): boolean {
  if (first === second) return true
  // Nearly all numbers differ by more than any rounding, and logarithms are slow.
  if (Math.abs(first - second) > epochUnit + Math.abs(first) / 1000) return false
  return isRounded(first, second, unitOf(second)) || isRounded(second, first, unitOf(first))
}

/** Python rounds halves to even, JavaScript up: a half counts for both. */
function isRounded(rounded: number, exact: number, unit: number): boolean {
  if (Math.abs(rounded - exact) > (unit / 2) * (1 + 1e-9)) return false
  const steps = rounded / unit
  return Math.abs(steps - Math.round(steps)) < 1e-6
}

/** The unit of the last digit that a number keeps. */
function significant(value: number): number {
  return 10 ** (Math.floor(Math.log10(Math.abs(value))) - significantDigits + 1)
}
