const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const sample =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (\S+)$/
const number = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/

/** What a page of metrics has, by the name of the metric with its labels. */
export interface Metrics {
  readonly types: ReadonlyMap<string, string>
  readonly values: ReadonlyMap<string, number>
}

/**
 * Reads the text format strictly. https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 *
 * @throws Error at the first line that breaks a rule
 */
export function readMetrics(text: string): Metrics {
  if (!text.endsWith('\n')) throw new Error('The last line has no line end.')
  const helped = new Set<string>()
  const types = new Map<string, string>()
  const values = new Map<string, number>()
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, about = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (kind === 'HELP') {
      if (!metricName.test(about) || helped.has(about)) throw new Error(`A second or wrong HELP: ${line}`)
      helped.add(about)
      current = about
    } else if (kind === 'TYPE') {
      if (about !== current || types.has(about)) throw new Error(`A TYPE out of its place: ${line}`)
      if (!['counter', 'gauge'].includes(rest)) throw new Error(`An unknown type: ${line}`)
      types.set(about, rest)
    } else {
      const [, name = '', labels = '', value = ''] = sample.exec(line) ?? []
      if (name !== current || !types.has(name)) throw new Error(`A sample out of its place: ${line}`)
      if (!number.test(value)) throw new Error(`A value that is no number: ${line}`)
      if (types.get(name) === 'counter' && !(name.endsWith('_total') && Number(value) >= 0)) {
        throw new Error(`A counter has a name that ends in _total, and never falls: ${line}`)
      }
      const key = `${name}${labels && `{${labels}}`}`
      if (values.has(key)) throw new Error(`A second sample: ${line}`)
      values.set(key, Number(value))
    }
  }
  return { types, values }
}
