import type { Series } from './series.ts'

/** The evenly spaced epochs at which the lines of one chart have their points. */
export interface Grid {
  readonly from: number
  readonly to: number
  /** At least 2. */
  readonly count: number
}

/** More points cannot be told apart on a phone, and make lines of code that nobody can read where it is not drawn. */
const maxPoints = 20

/** By how many steps of the grid a curve may begin earlier or end later than another in the same chart. */
const maxGap = 1.5

/** The grid of a chart with one line. */
export function ownGrid({ points }: Series): Grid {
  const count = Math.min(Math.max(points.length, 2), maxPoints)
  return { from: points[0]?.x ?? 0, to: points.at(-1)?.x ?? 0, count }
}

/**
 * The grid of a chart with several lines: the points of the sparsest of them, such as the evaluations, so that these
 * are drawn as measured.
 *
 * @param series at least two
 * @returns null when they cover different epochs
 */
export function commonGrid(series: readonly Series[]): Grid | null {
  const [sparsest] = series.toSorted((a, b) => a.points.length - b.points.length)
  if (sparsest === undefined) return null
  const grid = ownGrid(sparsest)
  const gap = (maxGap * (grid.to - grid.from)) / (grid.count - 1)
  const fits = series.every((each) => {
    const { from, to } = ownGrid(each)
    return Math.abs(from - grid.from) <= gap && Math.abs(to - grid.to) <= gap
  })
  return fits ? grid : null
}

/**
 * Reads a series at the points of a grid. A series with many values between two points is averaged over them, as the
 * mean loss of an epoch beside the evaluation at its end.
 */
export function sample(series: Series, grid: Grid): { values: number[]; isAveraged: boolean } {
  const { from, to, count } = grid
  const step = (to - from) / (count - 1)
  const isAveraged = series.points.length > count * 1.5
  const values = Array.from({ length: count }, (_, index) => {
    const x = from + index * step
    return isAveraged ? meanBefore(series, { x, step, isFirst: index === 0 }) : valueNear(series, { x, step })
  })
  return { values, isAveraged }
}

function meanBefore(
  series: Series,
  { x, step, isFirst }: { x: number; step: number; isFirst: boolean },
): number {
  // The epochs of a log are rounded: a value at the point itself belongs to it.
  const end = x + step * 1e-6
  const begin = isFirst ? Number.NEGATIVE_INFINITY : end - step
  const values = series.points.filter((point) => point.x > begin && point.x <= end).map(({ y }) => y)
  return values.length === 0 ? interpolate(series.points, x) : mean(values)
}

function valueNear(series: Series, { x, step }: { x: number; step: number }): number {
  const near = series.points.filter((point) => Math.abs(point.x - x) < step / 2).map(({ y }) => y)
  return near.length === 0 ? interpolate(series.points, x) : mean(near)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function interpolate(points: Series['points'], x: number): number {
  const after = points.findIndex((point) => point.x >= x)
  const right = points[after] ?? points.at(-1)
  const left = points[after - 1] ?? right
  if (left === undefined || right === undefined) return 0
  if (right.x === left.x) return right.y
  return left.y + ((right.y - left.y) * (x - left.x)) / (right.x - left.x)
}
