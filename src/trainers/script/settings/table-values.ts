import { formatDuration } from '../../../domain/text/format.ts'
import { isTable, shown, typeOf } from '../header/toml-value.ts'

/** Takes what is wrong with a key of the table: `what` goes on after the key. */
export type Report = (key: string, what: string) => void

const unitMs: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const minTimeoutMs = 60_000

/** A year: longer is a slip of the hand. */
const maxTimeoutMs = 31_536_000_000

/**
 * Reads a time limit as the `hf` client does: `"2h"`, `"1.5h"`, `"90"` or a number of seconds.
 *
 * @returns whole seconds, in milliseconds; null without a valid one
 */
export function readTimeout(value: unknown, report: Report): number | null {
  if (value === undefined) return null
  const form = 'must be a duration, such as "2h", or a whole number of seconds'
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') {
    report('timeout', `${form}, and is ${typeOf(value)}`)
    return null
  }
  const [, amount, unit = ''] = /^(\d{1,15}(?:\.\d{1,9})?)([smhd]?)$/.exec(String(value)) ?? []
  if (amount === undefined || (unit === '' && amount.includes('.'))) {
    report('timeout', `${form}, and is ${shown(String(value))}`)
    return null
  }
  const ms = Math.floor((Number(amount) * (unitMs[unit] ?? 0)) / 1000) * 1000
  if (ms >= minTimeoutMs && ms <= maxTimeoutMs) return ms
  report(
    'timeout',
    `must be from ${formatDuration(minTimeoutMs)} to 365 days, and is ${shown(String(value))}`,
  )
  return null
}

/** Reads a table of texts, as its entries; those that are none are reported. */
export function readTable(key: string, value: unknown, report: Report): [string, string][] {
  if (value === undefined) return []
  if (!isTable(value)) {
    report(key, `must be a table of texts, and is ${typeOf(value)}`)
    return []
  }
  return Object.entries(value).flatMap(([name, entry]) => {
    if (typeof entry === 'string') return [[name, entry]]
    report(`${key}.${shown(name)}`, `must be a text in quotes, and is ${typeOf(entry)}`)
    return []
  })
}

/** Reads a list of texts; empty for anything else, which is reported. */
export function readList(key: string, value: unknown, report: Report): string[] {
  if (value === undefined) return []
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string')
  if (isList) return value
  report(
    key,
    `must be a list of texts, and is ${Array.isArray(value) ? 'a list of other things' : typeOf(value)}`,
  )
  return []
}
