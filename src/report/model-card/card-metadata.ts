import { Document, isMap, isSeq, parseDocument, type YAMLMap, YAMLSeq } from 'yaml'
import * as z from 'zod/mini'
import type { Metrics } from '../../domain/metrics/compare.ts'
import { isQuality } from '../../domain/metrics/speeds.ts'
import type { Task } from '../../domain/tasks.ts'
import { orderedNames } from '../metrics/metrics.ts'

/** What is written into a model card's metadata. */
export interface CardFacts {
  /** `namespace/name`. */
  readonly model: string
  /** `namespace/name`; null when the card must not name it. */
  readonly dataset: string | null
  /** The dataset's commit. */
  readonly revision: string
  readonly task: Task
  readonly metrics: Metrics
}

/** Larger metadata is left as it is: reading it takes seconds. A card that a training writes has a few kB. */
const maxYamlLength = 50_000

/** The parser's own search for repeated keys and its texts for people take quadratic time. */
const fastParsing = { uniqueKeys: false, prettyErrors: false } as const

/** What says how a model is loaded, and under which conditions. https://huggingface.co/docs/hub/model-cards#model-card-metadata */
const inherited = [
  'library_name',
  'pipeline_tag',
  'tags',
  'license',
  'license_name',
  'license_link',
  'language',
] as const

/** Prefixes of AutoTrain's task names that the Hub names differently. https://huggingface.co/tasks */
const hubTasks = [
  ['extractive-question-answering', 'question-answering'],
  ['image-object-detection', 'object-detection'],
  ['seq2seq', 'text2text-generation'],
  ['llm-', 'text-generation'],
  ['sentence-transformers:', 'sentence-similarity'],
  ['vlm:', 'image-text-to-text'],
] as const

/**
 * Adds the dataset and the metrics to a card's front matter and keeps everything else, including comments.
 * https://huggingface.co/docs/hub/model-cards#model-card-metadata
 *
 * @param yaml the front matter without its fences; empty: there is none
 * @returns the new front matter; null when it is not a YAML map with each key once, or too large to be read: nothing can
 *   be added safely
 */
export function cardMetadata(yaml: string, facts: CardFacts): string | null {
  return changeMetadata(yaml, (document) => {
    addDataset(document, facts)
    addResult(document, facts)
  })
}

/** What is written into the metadata of the model that people load. */
export interface PublishedCardMetadata extends CardFacts {
  /** `namespace/name`, or a name without namespace; null when the card must not name it. */
  readonly base: string | null
  /** The base model that the card named when it was written last; null: it was not written, or named none. */
  readonly baseBefore: string | null
  /** Keys of the run's own card, for those that are missing. */
  readonly inherited: Readonly<Record<string, unknown>>
}

/**
 * Adds dataset, base model and metrics to the front matter of the model that people load, and the keys of the run's card
 * that it lacks. Everything else is kept.
 *
 * @returns as `cardMetadata`
 */
export function publishedMetadata(yaml: string, facts: PublishedCardMetadata): string | null {
  return changeMetadata(yaml, (document) => {
    for (const [key, value] of Object.entries(facts.inherited)) {
      if (!document.has(key)) document.set(key, document.createNode(value))
    }
    setBase(document, facts)
    addDataset(document, facts)
    addResult(document, facts)
  })
}

/**
 * Reads the keys of a run's card that the published card takes over where it lacks them.
 *
 * @param yaml the front matter without its fences
 * @returns only texts, and lists of texts; none when it cannot be read
 */
export function inheritedKeys(yaml: string): Record<string, string | string[]> {
  const keys = readDocument(yaml)?.values ?? {}
  return Object.fromEntries(
    inherited.flatMap((key): [string, string | string[]][] => {
      const value = Object.hasOwn(keys, key) ? keys[key] : undefined
      if (typeof value === 'string') return [[key, value]]
      const texts = Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
      return texts.length === 0 ? [] : [[key, texts]]
    }),
  )
}

/** What {@link addResult} writes. */
const ownResult = z.strictObject({
  task: z.strictObject({ type: z.string() }),
  dataset: z.strictObject({ type: z.string(), name: z.string(), revision: z.string() }),
  // A name of spaces is read back as null.
  metrics: z.array(
    z.strictObject({ type: z.nullable(z.string()), value: z.number(), name: z.nullable(z.string()) }),
  ),
})

/** @returns the changed front matter; null when it cannot be read safely */
function changeMetadata(yaml: string, change: (document: Document) => void): string | null {
  const read = readDocument(yaml)
  if (read === null) return null
  const { document } = read
  change(document)
  // Serialising unchanged data could still reformat it.
  if (JSON.stringify(document.toJS()) === JSON.stringify(read.values)) return yaml
  return document.toString({ lineWidth: 0 }).trimEnd()
}

function readDocument(yaml: string): { document: Document; values: Record<string, unknown> } | null {
  if (yaml.length > maxYamlLength) return null
  const document = yaml.trim() === '' ? new Document({}) : parseDocument(yaml, fastParsing)
  if (document.errors.length > 0 || !isMap(document.contents) || repeatsKey(document.contents)) return null
  try {
    const values: Record<string, unknown> = document.toJS()
    return { document, values }
  } catch {
    // Too many aliases.
    return null
  }
}

/** A person's base models stay: ours is the one that the card named before. */
function setBase(document: Document, { base, baseBefore }: PublishedCardMetadata): void {
  if (base === null) return
  const names = namesAt(document, 'base_model')
  if (names.includes(base)) return
  const node = document.get('base_model')
  const own = baseBefore === null ? -1 : names.indexOf(baseBefore)
  if (isSeq(node) && own !== -1) node.set(own, document.createNode(base))
  else if (isSeq(node)) node.add(document.createNode(base))
  else
    document.set(
      'base_model',
      own !== -1 || names.length === 0 ? base : document.createNode([...names, base]),
    )
}

function repeatsKey({ items }: YAMLMap): boolean {
  return new Set(items.map(({ key }) => String(key))).size < items.length
}

/** The names under a key, which may have one or a list. */
function namesAt(document: Document, key: string): unknown[] {
  const present: unknown = document.toJS()[key]
  if (Array.isArray(present)) return present
  return typeof present === 'string' ? [present] : []
}

function addDataset(document: Document, { dataset }: CardFacts): void {
  if (dataset === null) return
  const names = namesAt(document, 'datasets')
  if (names.includes(dataset)) return
  const node = document.get('datasets')
  if (isSeq(node)) node.add(document.createNode(dataset))
  else document.set('datasets', document.createNode([...names, dataset]))
}

/** A `model-index` must have metrics. https://github.com/huggingface/hub-docs/blob/main/modelcard.md */
function addResult(document: Document, facts: CardFacts): void {
  const names = orderedNames(facts.metrics).filter(isQuality)
  if (facts.dataset === null || names.length === 0) return
  const result = {
    task: { type: hubTask(facts.task) },
    dataset: { type: facts.dataset, name: facts.dataset, revision: facts.revision },
    metrics: names.map((name) => ({
      type: metricType(name),
      value: roundFraction(facts.metrics[name] ?? 0),
      name,
    })),
  }
  const results = resultsOf(document, facts.model)
  const own = results.items.findIndex((item) => isOwnResult(item, facts.dataset))
  if (own === -1) results.add(document.createNode(result))
  else results.set(own, document.createNode(result))
}

/** Removes rounding errors of binary fractions: 0.8899999999999999 is written as 0.89. */
function roundFraction(value: number): number {
  return Number(value.toPrecision(8))
}

/** @returns the results of the model's own entry, which is created if it is missing */
function resultsOf(document: Document, model: string): YAMLSeq {
  const name = model.split('/').at(-1) ?? model
  const index = sequenceAt(document, document.contents as YAMLMap, 'model-index')
  const found = index.items.find((item) => isMap(item) && item.get('name') === name)
  if (isMap(found)) return sequenceAt(document, found, 'results')
  const entry = document.createNode({ name, results: [] }) as YAMLMap
  index.add(entry)
  return sequenceAt(document, entry, 'results')
}

function sequenceAt(document: Document, map: YAMLMap, key: string): YAMLSeq {
  const present = map.get(key)
  if (isSeq(present) && present.items.length > 0) return present
  const created = new YAMLSeq(document.schema)
  map.set(key, created)
  return created
}

/** Whether a result has the form of ours, and nothing that a person or a Trainer would add. */
function isOwnResult(result: unknown, dataset: string | null): boolean {
  if (!isMap(result)) return false
  const value: unknown = result.toJSON()
  return ownResult.safeParse(value).data?.dataset.type === dataset
}

function hubTask(task: Task): string {
  return hubTasks.find(([prefix]) => task.startsWith(prefix))?.[1] ?? task
}

/** The metric type of `eval_f1_macro` is `f1`. https://huggingface.co/metrics */
function metricType(name: string): string {
  return name.replace(/^(?:eval|test|valid)_/, '').replace(/_(?:macro|micro|weighted)$/, '')
}
