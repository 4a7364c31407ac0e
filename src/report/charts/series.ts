import type { MetricPoint } from '../../domain/training.ts'

/** One metric over the epochs. */
export interface Series {
  readonly name: string
  /** Ascending epochs, each once; all finite. */
  readonly points: readonly Point[]
  /** Whether the metric was no number before or after them: a line that goes on would hide that. */
  readonly isPart: boolean
}

interface Point {
  readonly x: number
  readonly y: number
}

/** Larger values do not fit on an axis, and no real training measures them. */
const maxSize = 1e12

/** More parts of one metric are not drawn. */
const maxParts = 2

/**
 * A metric over the epochs, in one part, or where it was no number in between in several: the longest ones. Of several
 * values at one epoch the last counts.
 */
export function seriesOf(curve: readonly MetricPoint[], name: string): Series[] {
  const byEpoch = new Map<number, number | null>()
  for (const { epoch, values, gaps = [] } of curve) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (!isDrawable(epoch) || (value === undefined && !gaps.includes(name))) continue
    byEpoch.set(epoch, value !== undefined && isDrawable(value) ? value : null)
  }
  const parts: Point[][] = [[]]
  for (const [x, y] of [...byEpoch].toSorted(([a], [b]) => a - b)) {
    if (y === null) parts.push([])
    else parts.at(-1)?.push({ x, y })
  }
  const isPart = parts.length > 1
  const longest = parts.toSorted((a, b) => b.length - a.length).slice(0, maxParts)
  return parts
    .filter((points) => points.length > 0 && longest.includes(points))
    .map((points) => ({ name, points, isPart }))
}

function isDrawable(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) <= maxSize
}
