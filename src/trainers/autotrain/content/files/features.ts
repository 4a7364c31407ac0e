import * as z from 'zod/mini'
import { parseJson } from '../../../../domain/parse-json.ts'
import type { ColumnType } from './table.ts'

/** How deep features are looked into. */
const maxDepth = 6

/**
 * The feature types of `datasets` 3.2, which AutoTrain pins. A file that names another one cannot be read by it.
 * https://github.com/huggingface/datasets/blob/3.2.0/src/datasets/features/features.py
 */
const knownTypes = (
  'Value ClassLabel Translation TranslationVariableLanguages LargeList Sequence Array2D Array3D Array4D Array5D ' +
  'Audio Image Video'
).split(' ')

const metadataSchema = z.object({
  info: z.object({ features: z.record(z.string(), z.unknown()) }),
})
const featureSchema = z.looseObject({
  _type: z.optional(z.string()),
  dtype: z.optional(z.string()),
  names: z.optional(z.array(z.string())),
  feature: z.optional(z.unknown()),
})

/** The features that the library wrote into a Parquet file. */
export interface Features {
  readonly types: ReadonlyMap<string, ColumnType>
  /** Types that `datasets` 3.2 does not know. */
  readonly unknownTypes: readonly string[]
}

/**
 * Reads the features of a Parquet file.
 *
 * @param text the value of the key `huggingface` in its metadata
 * @returns null where it has another form
 */
export function readFeatures(text: string): Features | null {
  const metadata = metadataSchema.safeParse(parseJson(text))
  if (!metadata.success) return null
  const unknown = new Set<string>()
  const types = Object.entries(metadata.data.info.features).map(
    ([name, feature]) => [name, typeOf(feature, { depth: 0, unknown })] as const,
  )
  return { types: new Map(types), unknownTypes: [...unknown] }
}

function typeOf(feature: unknown, at: { depth: number; unknown: Set<string> }): ColumnType {
  const inside = { ...at, depth: at.depth + 1 }
  if (at.depth > maxDepth) return { is: 'other' }
  if (Array.isArray(feature)) return { is: 'list', of: typeOf(feature[0], inside) }
  const parsed = featureSchema.safeParse(feature)
  if (!parsed.success) return { is: 'other' }
  const { _type: type, dtype = '', names = [], feature: inner } = parsed.data
  if (type === undefined) {
    const fields = Object.entries(parsed.data).map(([name, each]) => [name, typeOf(each, inside)] as const)
    return { is: 'object', fields: new Map(fields) }
  }
  if (!knownTypes.includes(type)) at.unknown.add(type)
  if (type === 'ClassLabel') return { is: 'class', names }
  if (type === 'Image') return { is: 'image' }
  if (type === 'Value') return valueType(dtype)
  return ['Sequence', 'LargeList', 'List'].includes(type)
    ? { is: 'list', of: typeOf(inner, inside) }
    : { is: 'other' }
}

function valueType(dtype: string): ColumnType {
  if (/^(?:large_)?string$/.test(dtype)) return { is: 'text' }
  if (/^u?int\d+$/.test(dtype)) return { is: 'integer' }
  if (/^float\d*$|^double$/.test(dtype)) return { is: 'float' }
  return { is: dtype === 'bool' ? 'boolean' : dtype === 'null' ? 'empty' : 'other' }
}
