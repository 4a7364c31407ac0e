import { joinMeasured, type Measured, nothingMeasured } from '../../domain/metrics/measured.ts'
import type { TrainingOrder } from '../../domain/training.ts'
import type { Hub } from '../../hub/hub.ts'
import { FileTooLarge, readModelFile } from '../../hub/models/files.ts'
import { baseOf, modelOf } from '../run-environment.ts'
import { readCardMetrics } from './card-metrics.ts'
import { metricFiles, readMetricFile } from './metrics/metric-file.ts'

/** Far above the size of any such file: it takes milliseconds to read. */
const maxFileBytes = 200_000

/** What the files and the card of a model say. */
export interface ModelMetrics {
  readonly measured: Measured
  /** One sentence for each file that could not be read. They name nothing but the file. */
  readonly warnings: readonly string[]
}

/**
 * Reads the metrics that a training left in its model: in its files, else in its card. A file that cannot be read leaves
 * what the card or the log says.
 *
 * @param options.revision the commit that proved the model
 * @param options.files the paths of its files
 * @param options.card untrusted
 * @param options.known the names of the metrics in the log
 * @param options.hide hides the token in what is read
 */
export async function readModelMetrics(
  hub: Hub,
  options: {
    order: TrainingOrder
    revision: string
    files: ReadonlySet<string>
    card: string
    known: ReadonlySet<string>
    hide: (text: string) => string
    signal: AbortSignal
  },
): Promise<ModelMetrics> {
  const { order, files, card, known } = options
  const warnings: string[] = []
  let measured: Measured = nothingMeasured
  for (const path of metricFiles.filter((name) => files.has(name))) {
    const read = await readFile(hub, { ...options, path })
    if (typeof read === 'string') warnings.push(read)
    else measured = joinMeasured(read, measured)
  }
  const owner = {
    model: modelOf(order),
    baseModel: baseOf(order).model,
    dataset: order.recipe.inputDataset,
  }
  const inFiles = new Set([
    ...known,
    ...Object.keys(measured.metrics),
    ...measured.unmeasured.map(({ name }) => name),
  ])
  return { measured: joinMeasured(readCardMetrics(card, { owner, known: inFiles }), measured), warnings }
}

/** What a file says, or why it could not be read, as a sentence. */
async function readFile(
  hub: Hub,
  options: Omit<Parameters<typeof readModelMetrics>[1], 'files' | 'card'> & { path: string },
): Promise<Measured | string> {
  const { order, revision, path, known, hide, signal } = options
  const unread = (why: string) => `${path} of the model ${why}: its metrics come from elsewhere.`
  try {
    const text = await readModelFile(hub, {
      model: modelOf(order),
      revision,
      path,
      maxBytes: maxFileBytes,
      signal,
    })
    if (text === null) return nothingMeasured
    return readMetricFile(hide(text), known) ?? unread('is no JSON object')
  } catch (error) {
    signal.throwIfAborted()
    return unread(
      error instanceof FileTooLarge ? `is larger than ${maxFileBytes / 1000} kB` : 'could not be read',
    )
  }
}
