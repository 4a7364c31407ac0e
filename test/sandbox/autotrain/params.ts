import type { Kind } from './coerce.ts'
import { coerce } from './coerce.ts'
import { log } from './logger.ts'
import { float, PyError, repr } from './python.ts'

interface Field {
  kind: Kind
  isOptional?: true
  default: string | number | boolean | null
}

/**
 * The parameters of image classification, in their order, with types and defaults.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/image_classification/params.py
 */
const FIELDS = {
  data_path: { kind: 'str', default: null },
  model: { kind: 'str', default: 'google/vit-base-patch16-224' },
  username: { kind: 'str', isOptional: true, default: null },
  lr: { kind: 'float', default: 5e-5 },
  epochs: { kind: 'int', default: 3 },
  batch_size: { kind: 'int', default: 8 },
  warmup_ratio: { kind: 'float', default: 0.1 },
  gradient_accumulation: { kind: 'int', default: 1 },
  optimizer: { kind: 'str', default: 'adamw_torch' },
  scheduler: { kind: 'str', default: 'linear' },
  weight_decay: { kind: 'float', default: 0 },
  max_grad_norm: { kind: 'float', default: 1 },
  seed: { kind: 'int', default: 42 },
  train_split: { kind: 'str', default: 'train' },
  valid_split: { kind: 'str', isOptional: true, default: null },
  logging_steps: { kind: 'int', default: -1 },
  project_name: { kind: 'str', default: 'project-name' },
  auto_find_batch_size: { kind: 'bool', default: false },
  mixed_precision: { kind: 'str', isOptional: true, default: null },
  save_total_limit: { kind: 'int', default: 1 },
  token: { kind: 'str', isOptional: true, default: null },
  push_to_hub: { kind: 'bool', default: false },
  eval_strategy: { kind: 'str', default: 'epoch' },
  image_column: { kind: 'str', default: 'image' },
  target_column: { kind: 'str', default: 'target' },
  log: { kind: 'str', default: 'none' },
  early_stopping_patience: { kind: 'int', default: 5 },
  early_stopping_threshold: { kind: 'float', default: 0.01 },
} as const satisfies Record<string, Field>

type Types = { str: string; int: number; float: number; bool: boolean }
type ValueOf<F extends Field> = F extends { isOptional: true } ? Types[F['kind']] | null : Types[F['kind']]

/** What a training is told. */
export type Params = { -readonly [K in keyof typeof FIELDS]: ValueOf<(typeof FIELDS)[K]> }

/**
 * Checks parameters as pydantic does: a value of a wrong type is an error, an unknown key only a warning.
 *
 * @param given what the configuration came to
 * @returns all parameters; throws the error that ends the program
 */
export function makeParams(given: Readonly<Record<string, unknown>>): Params {
  const wrong: string[] = []
  const values = Object.entries<Field>(FIELDS).map(([name, field]) => {
    if (!(name in given)) return [name, field.default]
    const result = coerce({ name, ...field }, given[name])
    if ('value' in result) return [name, result.value]
    wrong.push(result.report)
    return [name, null]
  })
  if (wrong.length > 0) {
    const count = `${wrong.length} validation error${wrong.length > 1 ? 's' : ''}`
    throw new PyError(
      'pydantic_core._pydantic_core.ValidationError',
      `${count} for ImageClassificationParams\n${wrong.join('\n')}`,
    )
  }
  const params = Object.fromEntries(values) as Params
  const name = params.project_name
  // Python's isalnum lets letters of any alphabet through; the Hub will not.
  if (name !== '' && !/^[\p{L}\p{N}]+$/u.test(name.replaceAll('-', ''))) {
    throw new PyError('ValueError', 'project_name may hold letters, digits and hyphens only')
  }
  if (name.length > 50) throw new PyError('ValueError', 'project_name is longer than 50 characters')

  const unused = Object.keys(given).filter((key) => !(key in FIELDS))
  if (unused.length > 0) {
    log(
      'WARNING',
      'autotrain.trainers.common:__init__:286',
      `Parameters supplied but not used: ${unused.join(', ')}`,
    )
  }
  return params
}

/** @returns the parameters as AutoTrain prints them: a Python dict without the token */
export function describe(params: Params): string {
  const shown = Object.entries(params).map(([name, value]) => {
    if (name === 'token') return [name, value ? '*****' : null]
    const { kind } = FIELDS[name as keyof typeof FIELDS]
    return [name, kind === 'float' ? float(Number(value)) : value]
  })
  return repr(Object.fromEntries(shown))
}
