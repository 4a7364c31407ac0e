import { datasetInfo } from '@huggingface/hub'
import * as z from 'zod/mini'
import { listDatasetFiles } from '../../../hub/dataset-files.ts'
import type { Hub } from '../../../hub/hub.ts'
import { type CardConfig, readConfigs } from './card-configs.ts'

/** What can be known of a dataset at one revision without a look into its files. */
export interface Repository {
  /** `namespace/name`. */
  readonly dataset: string
  /** The paths of all files, sorted. */
  readonly paths: readonly string[]
  /** The size of each file. */
  readonly bytes: ReadonlyMap<string, number>
  /** Whether its paths may be shown to everyone. False where the Hub does not say. */
  readonly isPublic: boolean
  readonly card: CardSettings
}

/** The data settings of a dataset card. The card may be older than the data. */
interface CardSettings {
  /** Its `configs`, which name files, splits and configurations; null where they cannot be understood. */
  readonly configs: readonly CardConfig[] | null
  /** Whether it has `dataset_info`, which describes columns and splits. */
  readonly hasInfo: boolean
  /** The columns that it describes: whether their values are classes. */
  readonly hasClasses: ReadonlyMap<string, boolean>
}

const featureSchema = z.looseObject({ name: z.string() })
const infoSchema = z.object({ features: z.array(featureSchema) })
const cardSchema = z.looseObject({ configs: z.optional(z.unknown()), dataset_info: z.optional(z.unknown()) })

/**
 * Reads the listing and the card of a dataset.
 *
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function readRepository(
  hub: Hub,
  { dataset, revision, signal }: { dataset: string; revision: string; signal: AbortSignal },
): Promise<Repository> {
  const [files, info] = await Promise.all([
    listDatasetFiles(hub, { dataset, revision, signal }),
    datasetInfo({ name: dataset, revision, additionalFields: ['cardData'], ...hub.access(signal) }),
  ])
  return {
    dataset,
    paths: files.map(({ path }) => path).toSorted(),
    bytes: new Map(files.map(({ path, bytes }) => [path, bytes])),
    // The client returns the Hub's value unchecked.
    isPublic: info.private === false,
    card: readCard(info.cardData),
  }
}

/**
 * Reads the data settings of a card.
 * https://huggingface.co/docs/hub/datasets-manual-configuration
 *
 * @param data the card's metadata, unchecked
 */
export function readCard(data: unknown): CardSettings {
  const card = cardSchema.safeParse(data)
  const { configs, dataset_info: info } = card.success ? card.data : {}
  const hasClasses = new Map<string, boolean>()
  for (const entry of Array.isArray(info) ? info : [info]) {
    const described = infoSchema.safeParse(entry)
    for (const feature of described.success ? described.data.features : []) {
      hasClasses.set(feature.name, JSON.stringify(feature).includes('"class_label"'))
    }
  }
  return { configs: readConfigs(configs), hasInfo: info !== undefined, hasClasses }
}
