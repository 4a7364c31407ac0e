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

function isDrawable(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) <= maxSize
}
