import type { MetricPoint } from '../../../src/domain/training.ts'

/** A value of one metric at an epoch. */
type Point = readonly [epoch: number, value: number]

/** What AutoTrain's own log says, read without this project's code. */
export interface RealLog {
  /** The values of a metric while it trained, in the order of the log. */
  series(name: string): Point[]
}

/** AutoTrain's logger; the line that transformers prints beside it is another. */
const logged = /:on_log:\d+ - (\{.*\})\s*$/

/** A Python dict of numbers. */
function readDict(text: string): Record<string, number> {
  return JSON.parse(text.replaceAll("'", '"').replaceAll(/\bnan\b|-?\binf\b/g, 'null'))
}

/** Reads a log up to the line that ends the training: what is evaluated later is no point of a curve. */
export function readRealLog(lines: readonly string[]): RealLog {
  const dicts = lines.flatMap((line) => {
    const text = logged.exec(line)?.[1]
    return text === undefined ? [] : [readDict(text)]
  })
  const end = dicts.findIndex((dict) => 'train_runtime' in dict)
  const live = end < 0 ? dicts : dicts.slice(0, end)
  return {
    series: (name) =>
      live.flatMap((dict): Point[] => {
        const { epoch, [name]: value } = dict
        return epoch === undefined || value === undefined ? [] : [[epoch, value]]
      }),
  }
}

/**
 * Compares a curve of this project with the log that it was read from.
 *
 * @returns `as in the log, N points`, or what differs
 */
export function compareCurve(
  curve: readonly MetricPoint[],
  { name, log }: { name: string; log: RealLog },
): string {
  const drawn = curve.flatMap(({ epoch, values }): Point[] => {
    const value = values[name]
    return value === undefined ? [] : [[epoch, value]]
  })
  const right = log.series(name)
  const isSame = right.length === drawn.length && right.every((point, at) => isNear(point, drawn[at]))
  if (isSame) return `as in the log, ${right.length} points`
  return `the log has ${JSON.stringify(right)}, the curve ${JSON.stringify(drawn)}`
}

/** Epochs are rounded for charts. */
function isNear([epoch, value]: Point, other: Point | undefined): boolean {
  return other !== undefined && Math.abs(other[0] - epoch) < 0.006 && other[1] === value
}
