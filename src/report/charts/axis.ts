/** The y-axis of a chart. */
export interface Axis {
  readonly low: number
  readonly high: number
  /** The decimals that its ends need. */
  readonly digits: number
  /** Plain text beside the axis: it says so when the axis does not begin at zero. Null: nothing to say. */
  readonly title: string | null
}

/** Smaller ranges cannot be written with the 20 decimals of a Mermaid number, and the smallest ones round to zero. */
const minSpread = 1e-18

/** Where the axis of shares may begin, when all of them are above. */
const shareStarts = [0.99, 0.98, 0.95, 0.9, 0.8] as const

/** @returns an axis from 0 to 1 for shares such as accuracies, or the upper part of it that holds all of them */
export function shareAxis(values: readonly number[]): Axis {
  const min = Math.min(...values)
  const start = shareStarts.find((each) => min >= each)
  if (start === undefined) return { low: 0, high: 1, digits: 2, title: null }
  return { low: start, high: 1, digits: 3, title: startTitle(start) }
}

/** @returns an axis from zero with a round end, for losses and other sizes; from below where values are negative */
export function axisFromZero(values: readonly number[]): Axis {
  const min = Math.min(...values)
  const max = Math.max(...values)
  if (min >= 0) return { ...roundAxis(0, max), low: 0, title: null }
  return max <= 0 ? { ...roundAxis(min, 0), high: 0, title: null } : { ...roundAxis(min, max), title: null }
}

/** @returns an axis from zero, or around the values where they are so close together that they would draw a flat line */
export function axisAround(values: readonly number[]): Axis {
  const min = Math.min(...values)
  const max = Math.max(...values)
  const size = Math.max(Math.abs(min), Math.abs(max))
  if (max - min >= size / 5 || max === min) return axisFromZero(values)
  const axis = roundAxis(min, max)
  return { ...axis, title: startTitle(Number(axis.low.toFixed(axis.digits))) }
}

function startTitle(start: number): string {
  return `axis starts at ${start}`
}

function roundAxis(min: number, max: number): { low: number; high: number; digits: number } {
  const spread = Math.max(max - min || Math.abs(max) || 1, minSpread)
  const unit = 10 ** Math.floor(Math.log10(spread)) / 2
  return {
    low: Math.floor((min - spread * 0.05) / unit) * unit,
    high: Math.ceil((max + spread * 0.05) / unit) * unit,
    digits: Math.max(0, 1 - Math.floor(Math.log10(unit))),
  }
}
