import type { Recipe } from '../../../../src/domain/recipe.ts'

/** What the plan must say of a layout. */
export type Expected =
  | { readonly is: 'mounted'; readonly validation: 'split' | 'fifth' | 'none' }
  | { readonly is: 'hub'; readonly because: RegExp; readonly validation: 'split' | 'none' }
  | { readonly is: 'refused'; readonly because: RegExp }

/** One layout of a dataset, with the recipe that trains on it. */
export interface LayoutCase {
  readonly title: string
  readonly files: readonly string[]
  readonly recipe: Partial<Recipe>
  /** The metadata of the card, as YAML. */
  readonly card?: string
  readonly expected: Expected
}

/** @returns paths of images in one folder per class */
export function images(
  root: string,
  options: { perClass?: number; classes?: readonly string[]; ending?: string } = {},
): string[] {
  const { perClass = 10, classes = ['circle', 'square', 'triangle'], ending = 'png' } = options
  const prefix = root === '' ? '' : `${root}/`
  return classes.flatMap((name) =>
    Array.from({ length: perClass }, (_, n) => `${prefix}${name}/${String(n).padStart(3, '0')}.${ending}`),
  )
}

/** Read from the folder at the revision. */
export const mounted = (validation: 'split' | 'fifth' | 'none'): Expected => ({ is: 'mounted', validation })
/** Read from the Hub, for a reason. */
export const hub = (because: RegExp, validation: 'split' | 'none' = 'none'): Expected => ({
  is: 'hub',
  because,
  validation,
})
/** Refused, for a reason. */
export const refused = (because: RegExp): Expected => ({ is: 'refused', because })

type Row = [
  title: string,
  files: readonly string[],
  recipe: Partial<Recipe>,
  expected: Expected,
  card?: string,
]

/** @returns the cases of a table */
export const rows = (list: readonly Row[]): LayoutCase[] =>
  list.map(([title, files, recipe, expected, card]) => ({
    title,
    files,
    recipe,
    expected,
    ...(card !== undefined && { card }),
  }))

/** Images by class. */
export const image: Partial<Recipe> = { task: 'image-classification' }
/** Texts with classes. */
export const text: Partial<Recipe> = {
  task: 'text-classification',
  columnMapping: { text_column: 'text', target_column: 'target' },
}
/** Tokens with tags. */
export const tokens: Partial<Recipe> = {
  task: 'token-classification',
  columnMapping: { tokens_column: 'tokens', tags_column: 'tags' },
}
/** A table with classes. */
export const table: Partial<Recipe> = {
  task: 'tabular-classification',
  inputModel: 'ridge',
  columnMapping: { id_column: 'id', target_columns: 'target' },
}
/** Texts with numbers. */
export const regression: Partial<Recipe> = { ...text, task: 'text-regression' }
/** Texts for a language model. */
export const llm: Partial<Recipe> = { task: 'llm-sft', columnMapping: { text_column: 'text' } }
/** Pairs of sentences with classes. */
export const pairs: Partial<Recipe> = {
  task: 'sentence-transformers:pair_class',
  columnMapping: { sentence1_column: 'sentence1', sentence2_column: 'sentence2', target_column: 'target' },
}
/** A recipe with a validation split. */
export const valid = (validSplit: string) => ({ validSplit })
