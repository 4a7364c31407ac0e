import { isMap, isSeq, parseDocument } from 'yaml'
import { isUsable, type LogValue, logValue } from './metrics/log-value.ts'

/** Larger metadata is not read: it takes seconds. */
const maxYamlLength = 50_000

/** The parser's own search for repeated keys and its texts for people take quadratic time. */
const fastParsing = { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const

/** What tells the results of the trained model from those of others in its card. */
export interface IndexOwner {
  /** The trained model, `namespace/name`. */
  readonly model: string
  /** The model that the training began with, whose results may have been copied. */
  readonly baseModel: string
  /** The dataset that was trained on, whose results come first. */
  readonly dataset: string
}

/** The value of a metric in a `model-index`, by its type. */
export type IndexedMetric = readonly [type: string, value: LogValue]

/**
 * Reads the results in the `model-index` of a card, which is YAML.
 * https://huggingface.co/docs/hub/model-cards#evaluation-results, https://github.com/huggingface/hub-docs/blob/main/modelcard.md
 *
 * @param card untrusted
 * @param owner null: whose results they are is not known, so that only those count that are no number
 * @returns the metrics by type: those on the dataset first
 */
export function readModelIndex(card: string, owner: IndexOwner | null): readonly IndexedMetric[] {
  const yaml = frontMatterOf(card)
  if (yaml === null || !/\bmodel-index\b/.test(yaml)) return []
  const document = parseDocument(yaml, fastParsing)
  if (document.errors.length > 0 || !isMap(document.contents)) return []
  const entries = itemsOf(document.get('model-index'))
  const own = owner === null ? entries : ownEntries(entries, owner)
  const results = own.flatMap((entry) => itemsOf(entry, 'results'))
  const isOnDataset = (result: unknown) => owner !== null && datasetOf(result).includes(owner.dataset)
  const ordered = [...results.filter(isOnDataset), ...results.filter((result) => !isOnDataset(result))]
  const found = ordered.flatMap((result) => itemsOf(result, 'metrics')).flatMap(metricOf)
  return found.filter(([, value]) => value !== 'none' && (owner !== null || !isUsable(value)))
}

/** The entries named as the trained model, else all that are not named as the one that it began with. */
function ownEntries(entries: readonly unknown[], { model, baseModel }: IndexOwner): readonly unknown[] {
  const isNamed = (entry: unknown, name: string) => {
    const written = textOf(entry, 'name')
    return written !== null && (written === name || written === name.split('/').at(-1))
  }
  const named = entries.filter((entry) => isNamed(entry, model))
  return named.length > 0 ? named : entries.filter((entry) => !isNamed(entry, baseModel))
}

function datasetOf(result: unknown): readonly (string | null)[] {
  const dataset = isMap(result) ? result.get('dataset') : undefined
  return [textOf(dataset, 'type'), textOf(dataset, 'name')]
}

function metricOf(metric: unknown): readonly IndexedMetric[] {
  const type = textOf(metric, 'type')
  const value: unknown = isMap(metric) ? metric.get('value') : undefined
  if (type === null || value === undefined || isMap(value) || isSeq(value)) return []
  return [[type, logValue(String(value))]]
}

function textOf(node: unknown, key: string): string | null {
  const value: unknown = isMap(node) ? node.get(key) : undefined
  return typeof value === 'string' ? value : null
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
