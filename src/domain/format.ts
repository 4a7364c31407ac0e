/**
 * Formats a duration: `26 ms`, `0.4 s`, `42 s`, `3 min 5 s`, `2 h 10 min`.
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

/** Formats an amount in USD with two decimals, or one significant digit below a cent: `$0.80`, `$0.003`. */
export function formatUsd(amount: number): string {
  return `$${amount !== 0 && amount < 0.01 ? amount.toPrecision(1) : amount.toFixed(2)}`
}

/** Formats a size: `1 byte`, `512 bytes`, `3.4 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  const units = ['kB', 'MB', 'GB', 'TB', 'PB']
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3))
  const amount = bytes / 1000 ** power
  return `${amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${units[power - 1]}`
}

/** Formats a measured value with about four significant digits: `0.9137`, `12.35`, `1.20e-7`. */
export function formatMetric(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  const minus = value < 0 ? '−' : ''
  if (size < 0.0005 || size >= 1e9) return `${minus}${size.toExponential(2)}`
  return `${minus}${size.toFixed(size < 10 ? 4 : size < 1000 ? 2 : 0)}`
}

/** Formats a difference like {@link formatMetric}, always with a sign: `+0.0120`, `−3.10`, `±0`. */
export function formatDifference(value: number): string {
  if (value === 0) return '±0'
  const sign = value < 0 ? '−' : '+'
  const size = Math.abs(value)
  // Four decimals like the values themselves, unless they would round it to zero.
  return `${sign}${size >= 0.00005 && size < 0.0005 ? size.toFixed(4) : formatMetric(size)}`
}

/**
 * Formats a point in time: `2026-11-24 08:25 UTC`.
 *
 * @param at milliseconds since the epoch
 */
export function formatTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** A number with its noun, in the plural where needed: `1 file`, `5,000 files`. */
export function count(number: number, thing: string): string {
  return `${number.toLocaleString('en')} ${thing}${number === 1 ? '' : 's'}`
}
