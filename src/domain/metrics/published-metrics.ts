import type { Metrics, RunMetrics } from './compare.ts'

/**
 * What a training measures of the model that is published: it prints `published_accuracy` beside `accuracy`. A Trainer
 * puts its own `eval_` in front of every name.
 */
const ofPublished = /^(eval_)?published_(?=.)/

/**
 * Which metric of the published model a name stands for.
 *
 * @returns `eval_accuracy` for `published_eval_accuracy` and `eval_published_accuracy`; null for a metric of the run itself
 */
function publishedName(name: string): string | null {
  return ofPublished.test(name) ? name.replace(ofPublished, '$1') : null
}

/**
 * What a run measured of its own model.
 *
 * @param options.publishes whether its recipe publishes: only then `published_` means the published model
 */
export function ownMetrics<T extends RunMetrics>(run: T, { publishes }: { publishes: boolean }): T {
  if (!publishes) return run
  const metrics = Object.fromEntries(
    Object.entries(run.metrics).filter(([name]) => publishedName(name) === null),
  )
  const unmeasured = (run.unmeasured ?? []).filter(({ name }) => publishedName(name) === null)
  return { ...run, metrics, unmeasured }
}

/**
 * What a run measured of the model that was published when it began, on the same rows as its own.
 *
 * @returns by the name of the run's own metric, with or without `eval_` as the run wrote it; all finite
 */
export function publishedMetrics(metrics: Metrics): Metrics {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, value]) => {
      const own = publishedName(name)
      return own === null || own === '__proto__' || !Number.isFinite(value) ? [] : [[own, value] as const]
    }),
  )
}
