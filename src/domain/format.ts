/**
 * A length of time for people: `26 ms`, `0.4 s`, `42 s`, `3 min 5 s`, `2 h 10 min`.
 *
 * @param ms milliseconds
 */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < 95) return `${Math.max(1, Math.round(ms))} ms`
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return join(minutes, 'min', seconds % 60, 's')
  return join(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
}

function join(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major} ${majorUnit}` : `${major} ${majorUnit} ${minor} ${minorUnit}`
}

/** An amount in USD, with two digits, or more where that would show nothing. */
export function formatUsd(amount: number): string {
  return `$${amount !== 0 && amount < 0.01 ? amount.toPrecision(1) : amount.toFixed(2)}`
}

/** A size for people: `1 byte`, `512 bytes`, `3.4 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  const units = ['kB', 'MB', 'GB', 'TB', 'PB']
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3))
  const amount = bytes / 1000 ** power
  return `${amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${units[power - 1]}`
}

/** A measured value, with as many digits as say something: `0.9137`, `12.35`, `1.2e-7`. */
export function formatMetric(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  const minus = value < 0 ? '−' : ''
  if (size < 0.0005 || size >= 1e9) return `${minus}${size.toExponential(2)}`
  return `${minus}${size.toFixed(size < 10 ? 4 : size < 1000 ? 2 : 0)}`
}

/** The same for a difference, which always has a sign. */
export function formatDifference(value: number): string {
  if (value === 0) return '±0'
  const sign = value < 0 ? '−' : '+'
  const size = Math.abs(value)
  // As many digits as the values have, as long as they show it.
  return `${sign}${size >= 0.00005 && size < 0.0005 ? size.toFixed(4) : formatMetric(size)}`
}

/**
 * A point in time for people anywhere: `2026-11-24 08:25 UTC`.
 *
 * @param at milliseconds since the epoch
 */
export function formatTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** How many there are of a thing: `1 file`, `5,000 files`. */
export function count(number: number, thing: string): string {
  return `${number.toLocaleString('en')} ${thing}${number === 1 ? '' : 's'}`
}
