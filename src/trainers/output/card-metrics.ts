import { isMap, isSeq, parseDocument } from 'yaml'
import {
  joinMeasured,
  type Measured,
  maxMetricNames,
  type UnmeasuredMetric,
} from '../../domain/metrics/measured.ts'
import { metricName } from '../../domain/metrics/metric-name.ts'
import { isUsable, type LogValue, logValue } from './metrics/log-value.ts'
import { isSpeed } from './metrics/speeds.ts'

/** The heading above AutoTrain's metrics. */
const heading = /^##\s+Validation Metrics\s*$/im

/** A line with a metric is no longer. */
const maxLineLength = 300

/** Larger metadata is not read: it takes seconds. */
const maxYamlLength = 50_000

/** The parser's own search for repeated keys and its texts for people take quadratic time. */
const fastParsing = { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const

/**
 * Reads the metrics in a model's card: those that AutoTrain writes, one `name: value` per paragraph below their heading,
 * for the best model, on the validation data. Some cards list speeds among them, which are left out. A `model-index`
 * may come from another model, so that no number is taken from it; what is no number there counts as not measured.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/image_classification/utils.py
 * https://huggingface.co/docs/hub/model-cards#evaluation-results
 *
 * @param card untrusted
 * @returns the metrics under the names that the training's log uses, such as `eval_accuracy`
 */
export function readCardMetrics(card: string): Measured {
  return joinMeasured({ metrics: {}, unmeasured: unusableInIndex(card) }, validationMetrics(card))
}

function validationMetrics(card: string): Measured {
  const start = heading.exec(card)
  if (start === null) return measuredFrom([])
  const section = card.slice(start.index + start[0].length).split(/^#/m)[0] ?? ''
  return measuredFrom(
    section.split('\n').flatMap((line) => {
      const text = line.trim().replace(/^[-*]\s+/, '')
      // A name may have colons of its own.
      const colon = text.lastIndexOf(':')
      if (text.length > maxLineLength || colon === -1 || colon === text.length - 1) return []
      return [[text.slice(0, colon), logValue(text.slice(colon + 1))] as const]
    }),
  )
}

/** Prose below the heading has colons as well: only a number, or what stands for none, makes a line a metric. */
function measuredFrom(lines: readonly (readonly [name: string, value: LogValue])[]): Measured {
  const metrics: [string, number][] = []
  const unmeasured: UnmeasuredMetric[] = []
  for (const [written, value] of lines) {
    const name = metricName(written)
    if (name === null || isSpeed(name) || value === 'no number' || name === 'epoch') continue
    const shown = name.startsWith('eval_') ? name : `eval_${name}`
    if (isUsable(value)) metrics.push([shown, value])
    else unmeasured.push({ name: shown, value, epoch: null })
  }
  return {
    metrics: Object.fromEntries(metrics.slice(0, maxMetricNames)),
    unmeasured: unmeasured.slice(0, maxMetricNames),
  }
}

/** https://github.com/huggingface/hub-docs/blob/main/modelcard.md */
function unusableInIndex(card: string): readonly UnmeasuredMetric[] {
  const yaml = frontMatterOf(card)
  if (yaml === null || !/\bmodel-index\b/.test(yaml)) return []
  const document = parseDocument(yaml, fastParsing)
  if (document.errors.length > 0 || !isMap(document.contents)) return []
  const results = itemsOf(document.get('model-index')).flatMap((entry) => itemsOf(entry, 'results'))
  const found = results
    .flatMap((result) => itemsOf(result, 'metrics'))
    .flatMap((metric) => {
      if (!isMap(metric)) return []
      const value: unknown = metric.get('value')
      const type: unknown = metric.get('type')
      if (typeof type !== 'string' || isMap(value) || isSeq(value)) return []
      return [[type, logValue(String(value))] as const]
    })
  return measuredFrom(found.filter(([, value]) => !isUsable(value) && value !== 'none')).unmeasured
}

function frontMatterOf(card: string): string | null {
  const text = card.slice(0, maxYamlLength + 10).trimStart()
  const fence = /^---[ \t]*\r?\n/.exec(text)?.[0]
  const end = text.indexOf('\n---')
  return fence === undefined || end < fence.length ? null : text.slice(fence.length, end)
}

function itemsOf(node: unknown, key?: string): readonly unknown[] {
  const list = key === undefined ? node : isMap(node) ? node.get(key) : undefined
  return isSeq(list) ? list.items : []
}
