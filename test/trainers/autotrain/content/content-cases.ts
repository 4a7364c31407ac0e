import type { Recipe } from '../../../../src/domain/recipe.ts'
import { readParquetFile } from './parquet-files.ts'

/** One dataset, with the recipe that trains on it, and what a check must say of it. */
export interface ContentCase {
  readonly title: string
  readonly files: Readonly<Record<string, string | Uint8Array>>
  readonly recipe?: Partial<Recipe>
  readonly card?: string
  readonly check: string
  readonly verdict: 'refused' | 'warned' | 'passed' | 'unknown'
  /** The sentence, or what was found. */
  readonly says: RegExp
}

/** Texts with labels in turn. */
export const csv = (rows: number, labels = 'ab', header = 'text,label') =>
  `${header}\n${Array.from({ length: rows }, (_, n) => `text ${n},${labels.charAt(n % labels.length)}\n`).join('')}`

/** One object on each line. */
export const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

/** As many rows with labels in turn. */
export const labelled = (count: number, labels: readonly unknown[]) =>
  lines(Array.from({ length: count }, (_, n) => ({ text: `text ${n}`, label: labels[n % labels.length] })))

const textMapping = { text_column: 'text', target_column: 'label' }
export const texts = { task: 'text-classification', columnMapping: textMapping } as const
export const numbers = { task: 'text-regression', columnMapping: textMapping } as const
export const tokens = {
  task: 'token-classification',
  columnMapping: { tokens_column: 'tokens', tags_column: 'tags' },
} as const
export const table = {
  task: 'tabular-classification',
  inputModel: 'ridge',
  columnMapping: { id_column: 'id', target_columns: 'target' },
} as const
export const images = {
  task: 'image-classification',
  columnMapping: { image_column: 'image', target_column: 'label' },
} as const
export const objects = {
  task: 'image-object-detection',
  columnMapping: { image_column: 'image', objects_column: 'objects' },
} as const
export const pairs = {
  task: 'sentence-transformers:pair_class',
  columnMapping: { sentence1_column: 'a', sentence2_column: 'b', target_column: 'label' },
} as const
export const chat = { task: 'llm-sft', columnMapping: { text_column: 'text' } } as const

/** Parquet files as push_to_hub names them. */
export const shards = (...names: string[]) =>
  Object.fromEntries(
    names.map((name, n) => [`data/train-0000${n}-of-0000${names.length}.parquet`, readParquetFile(name)]),
  )
export const validShard = (name: string) => ({
  'data/validation-00000-of-00001.parquet': readParquetFile(name),
})
