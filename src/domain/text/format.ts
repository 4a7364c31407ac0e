/**
 * Formats a duration for people: `26 ms`, `0.4 s`, `42 s`, `3 min 5 s`, `2 h 10 min`.
 *
 * @param ms milliseconds
 */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < 95) return `${Math.max(1, Math.round(ms))} ms`
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return joinUnits(minutes, 'min', seconds % 60, 's')
  return joinUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
}

function joinUnits(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major} ${majorUnit}` : `${major} ${majorUnit} ${minor} ${minorUnit}`
}

const configUnits = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/**
 * Formats a duration as the config file writes it, in the largest unit that divides it: `90s`, `2h`.
 *
 * @param ms milliseconds
 */
export function formatConfigDuration(ms: number): string {
  const [unit, size] = configUnits.find(([, each]) => ms > 0 && ms % each === 0) ?? ['s', 1000]
  return `${ms / size}${unit}`
}

/** Formats an amount in USD with two decimals; amounts under one cent with one significant digit. */
export function formatUsd(amount: number): string {
  return `$${amount !== 0 && amount < 0.01 ? amount.toPrecision(1) : amount.toFixed(2)}`
}

/** Formats a size for people: `1 byte`, `512 bytes`, `3.4 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  const units = ['kB', 'MB', 'GB', 'TB', 'PB']
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3))
  const amount = bytes / 1000 ** power
  return `${amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${units[power - 1]}`
}

/** Formats a metric with a useful number of digits: `0.9137`, `12.35`, `1.2e-7`. */
export function formatMetric(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  const minus = value < 0 ? '−' : ''
  if (size < 0.0005 || size >= 1e9) return `${minus}${size.toExponential(2)}`
  return `${minus}${size.toFixed(size < 10 ? 4 : size < 1000 ? 2 : 0)}`
}

/** Formats the difference of two metrics, always with a sign: `+0.0102`, `−0.5000`, `±0`. */
export function formatDifference(value: number): string {
  if (value === 0) return '±0'
  const sign = value < 0 ? '−' : '+'
  const size = Math.abs(value)
  // Small differences keep the four decimals of the metrics themselves, as long as a digit is left to show.
  return `${sign}${size >= 0.00005 && size < 0.0005 ? size.toFixed(4) : formatMetric(size)}`
}

/**
 * Formats a point in time for readers in any time zone: `2026-11-24 08:25 UTC`.
 *
 * @param at milliseconds since the epoch
 */
export function formatTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/**
 * Reads a point in time as services write it, by ISO 8601: `2026-11-24T08:25:00.000Z`.
 *
 * @returns milliseconds since the epoch; null when it is none
 */
export function readTime(text: string): number | null {
  const at = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : at
}

/** Formats a whole number with thousands separators: `5,000`. */
export function formatInteger(value: number): string {
  return value.toLocaleString('en')
}

/** Formats a count of things, with a regular plural: `1 file`, `5,000 files`. */
export function formatCount(count: number, noun: string): string {
  return `${formatInteger(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Joins parts as a sentence does: `a`, `a and b`, `a, b and c`. */
export function inWords(parts: readonly string[], last: 'and' | 'or' = 'and'): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} ${last} ${parts.at(-1)}`
}
