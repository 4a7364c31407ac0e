import type { MetricPoint } from '../../../domain/training.ts'

/** A longer curve is thinned: a chart cannot show more points. */
const maxPoints = 1000

/** An epoch may go back by as much as it is rounded, without the training having started again. */
const roundedBy = 0.01

/** What a training measured, by its epochs. */
export interface MetricCurve {
  /**
   * Adds what was measured at an epoch. A value that the epoch has already stays: measured once more, it comes from
   * another state of the model, such as the best checkpoint.
   *
   * @param options.isStep whether a step of the training measured it: a step that goes back shows that the training
   *   started again from there, so that what came after is dropped. A late evaluation goes to its place.
   */
  add(point: MetricPoint, options: { isStep: boolean }): void
  /** Drops all points: another training begins. */
  clear(): void
  /** Ascending epochs, each once. */
  readonly points: readonly MetricPoint[]
}

/** Starts an empty curve. */
export function createMetricCurve(): MetricCurve {
  let points: MetricPoint[] = []
  return {
    add(point, { isStep }) {
      const { epoch, values } = point
      const gaps = point.gaps ?? []
      const last = points.at(-1)?.epoch ?? epoch
      if (isStep && epoch < last - roundedBy) points = points.filter((each) => each.epoch < epoch)
      const after = points.findLastIndex((each) => each.epoch <= epoch)
      const before = points[after]
      if (before?.epoch === epoch) {
        const all = { ...values, ...before.values }
        points[after] = pointOf(epoch, all, [...(before.gaps ?? []), ...gaps])
        return
      }
      points.splice(after + 1, 0, point)
      if (points.length > maxPoints) points = thinned(points)
    },
    clear() {
      points = []
    },
    get points() {
      return [...points]
    },
  }
}

/** A point of a curve. A metric that has a value at an epoch has no gap there. */
export function pointOf(
  epoch: number,
  values: MetricPoint['values'],
  missing: readonly string[],
): MetricPoint {
  const gaps = [...new Set(missing)].filter((name) => !Object.hasOwn(values, name))
  return gaps.length === 0 ? { epoch, values } : { epoch, values, gaps }
}

/** Leaves every second point out. The first and the last stay, and of a training with few evaluations all of these. */
function thinned(points: readonly MetricPoint[]): MetricPoint[] {
  const isKept = (index: number) => index % 2 === 0 || index === points.length - 1
  const isEvaluation = ({ values, gaps = [] }: MetricPoint) =>
    [...Object.keys(values), ...gaps].some((name) => name.startsWith('eval_'))
  const areFew = points.filter(isEvaluation).length < maxPoints / 4
  return points.filter((point, index) => isKept(index) || (areFew && isEvaluation(point)))
}
