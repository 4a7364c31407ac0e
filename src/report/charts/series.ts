import type { MetricPoint } from '../../domain/training.ts'

/** One metric over the epochs. */
export interface Series {
  readonly name: string
  /** Ascending epochs, each once; all finite. */
  readonly points: readonly Point[]
}

interface Point {
  readonly x: number
  readonly y: number
}

/** Larger values do not fit on an axis, and no real training measures them. */
const maxSize = 1e12

/** @returns the metric's values over the epochs; of several values at one epoch, the last */
export function seriesOf(curve: readonly MetricPoint[], name: string): Series {
  const byEpoch = new Map<number, number>()
  for (const { epoch, values } of curve) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined || !isDrawable(value) || !isDrawable(epoch)) continue
    byEpoch.set(epoch, value)
  }
  const points = [...byEpoch].map(([x, y]) => ({ x, y })).toSorted((a, b) => a.x - b.x)
  return { name, points }
}

/** @returns the range of epochs that a series covers */
export function rangeOf({ points }: Series): { from: number; to: number } {
  return { from: points[0]?.x ?? 0, to: points.at(-1)?.x ?? 0 }
}

/**
 * Samples a series at evenly spaced epochs. Several values near one epoch are averaged; where there is none, the value
 * is interpolated between its neighbours.
 *
 * @param options.count at least 2
 */
export function resample(series: Series, options: { from: number; to: number; count: number }): number[] {
  const { from, to, count } = options
  const step = (to - from) / (count - 1)
  return Array.from({ length: count }, (_, index) => {
    const x = from + index * step
    const near = series.points.filter((point) => Math.abs(point.x - x) < step / 2)
    if (near.length === 0) return interpolate(series.points, x)
    return near.reduce((sum, { y }) => sum + y, 0) / near.length
  })
}

function interpolate(points: readonly Point[], x: number): number {
  const after = points.findIndex((point) => point.x >= x)
  const right = points[after] ?? points.at(-1)
  const left = points[after - 1] ?? right
  if (left === undefined || right === undefined) return 0
  if (right.x === left.x) return right.y
  return left.y + ((right.y - left.y) * (x - left.x)) / (right.x - left.x)
}

function isDrawable(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) <= maxSize
}
