import { type Measured, maxMetricNames, type UnmeasuredMetric } from '../../../domain/metrics/measured.ts'
import { metricName } from '../../../domain/metrics/metric-name.ts'
import { isSpeed } from '../../../domain/metrics/speeds.ts'
import { isUsable, type LogValue } from './log-value.ts'

/**
 * Makes metrics of what a file or a card of a model says: what is neither a number nor stands for one is no metric, and
 * neither are speeds and the epoch. The first value of a name counts, and at most 200 names do.
 *
 * @param entries untrusted
 * @param nameFor the name under which a metric is known; left out: its own
 */
export function measuredFrom(
  entries: readonly (readonly [name: string, value: LogValue])[],
  nameFor: (name: string) => string = (name) => name,
): Measured {
  const found = new Map<string, number | UnmeasuredMetric>()
  for (const [written, value] of entries) {
    const name = metricName(written)
    if (name === null || isSpeed(name) || value === 'no number' || name === 'epoch') continue
    const shown = nameFor(name)
    if (found.has(shown)) continue
    found.set(shown, isUsable(value) ? value : { name: shown, value, epoch: null })
    if (found.size === maxMetricNames) break
  }
  const metrics: [string, number][] = []
  const unmeasured: UnmeasuredMetric[] = []
  for (const [name, value] of found) {
    if (typeof value === 'number') metrics.push([name, value])
    else unmeasured.push(value)
  }
  return { metrics: Object.fromEntries(metrics), unmeasured }
}

/**
 * Says under which name a metric without a prefix is known: its own where the log has it, else that of an evaluation,
 * where only that is known.
 */
export function knownName(name: string, known: ReadonlySet<string>): string {
  const asEvaluation = `eval_${name}`
  return !known.has(name) && known.has(asEvaluation) ? asEvaluation : name
}
