import { Document, isMap, isSeq, parseDocument, type YAMLMap, YAMLSeq } from 'yaml'
import type { Task } from '../../domain/tasks.ts'
import type { Metrics } from '../metrics/compare.ts'
import { isQuality, orderedNames } from '../metrics/metrics.ts'

/** What a model card's metadata is to say. */
export interface CardFacts {
  /** `namespace/name`. */
  readonly model: string
  /** `namespace/name`; null when it is not to be named. */
  readonly dataset: string | null
  /** The commit of the dataset. */
  readonly revision: string
  readonly task: Task
  readonly metrics: Metrics
}

/** The Hub's names of tasks where AutoTrain's begin otherwise. https://huggingface.co/tasks */
const hubTasks = [
  ['extractive-question-answering', 'question-answering'],
  ['image-object-detection', 'object-detection'],
  ['seq2seq', 'text2text-generation'],
  ['llm-', 'text-generation'],
  ['sentence-transformers:', 'sentence-similarity'],
  ['vlm:', 'image-text-to-text'],
] as const

/**
 * Adds the dataset and the metrics to a card's front matter; whatever else is in it stays, comments too.
 * https://huggingface.co/docs/hub/model-cards#model-card-metadata
 *
 * @param yaml the front matter without its fences; empty: there is none
 * @returns null when it is not a map of YAML, so that nothing can be added without loss
 */
export function cardMetadata(yaml: string, facts: CardFacts): string | null {
  const document = yaml.trim() === '' ? new Document({}) : parseDocument(yaml)
  if (document.errors.length > 0 || !isMap(document.contents)) return null
  const before = JSON.stringify(document.toJS())
  addDataset(document, facts)
  addResult(document, facts)
  // Written again, the same data could look different: what says it already stays as it is.
  if (JSON.stringify(document.toJS()) === before) return yaml
  return document.toString({ lineWidth: 0 }).trimEnd()
}

function addDataset(document: Document, { dataset }: CardFacts): void {
  if (dataset === null) return
  const present: unknown = document.toJS().datasets
  const names = Array.isArray(present) ? present : typeof present === 'string' ? [present] : []
  if (names.includes(dataset)) return
  const node = document.get('datasets')
  if (isSeq(node)) node.add(document.createNode(dataset))
  else document.set('datasets', document.createNode([...names, dataset]))
}

/** https://github.com/huggingface/hub-docs/blob/main/modelcard.md: `model-index` must not be without metrics. */
function addResult(document: Document, facts: CardFacts): void {
  const names = orderedNames(facts.metrics).filter(isQuality)
  if (facts.dataset === null || names.length === 0) return
  const result = {
    task: { type: hubTask(facts.task) },
    dataset: { type: facts.dataset, name: facts.dataset, revision: facts.revision },
    metrics: names.map((name) => ({
      type: metricType(name),
      value: readable(facts.metrics[name] ?? 0),
      name,
    })),
  }
  const results = resultsOf(document, facts.model)
  const own = results.items.findIndex((item) => datasetOf(item) === facts.dataset)
  if (own === -1) results.add(document.createNode(result))
  else results.set(own, document.createNode(result))
}

/** The mean of 0.88 and 0.9 is 0.89, whatever binary fractions make of it. */
function readable(value: number): number {
  return Number(value.toPrecision(8))
}

/** The results of the model's own entry, made where there is none. */
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
  const made = new YAMLSeq(document.schema)
  map.set(key, made)
  return made
}

function datasetOf(result: unknown): unknown {
  if (!isMap(result)) return undefined
  const dataset = result.get('dataset')
  return isMap(dataset) ? dataset.get('type') : undefined
}

function hubTask(task: Task): string {
  return hubTasks.find(([begin]) => task.startsWith(begin))?.[1] ?? task
}

/** `eval_f1_macro` is of the type `f1`. https://huggingface.co/metrics */
function metricType(name: string): string {
  return name.replace(/^(?:eval|test|valid)_/, '').replace(/_(?:macro|micro|weighted)$/, '')
}
