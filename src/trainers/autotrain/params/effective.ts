import type { EffectiveParam } from '../../../domain/plan/training-plan.ts'
import type { Recipe } from '../../../domain/recipe.ts'
import { familyOf } from './families.ts'
import { valueIn } from './values.ts'

/** The parameters that decide most about a training, and are shown whether they are given or not. */
const telling = [
  'epochs',
  'batch_size',
  'lr',
  'max_seq_length',
  'block_size',
  'model_max_length',
  'peft',
  'num_trials',
  'time_limit',
]

/** Shown as well where adapters are trained. */
const tellingOfAdapters = ['quantization', 'lora_r', 'lora_alpha']

/**
 * The parameters that AutoTrain trains with: those of the recipe, and AutoTrain's defaults of those that decide most.
 *
 * @returns those that decide most first; as the recipe has them where AutoTrain cannot read them
 */
export function effectiveParams(recipe: Pick<Recipe, 'task' | 'params'>): EffectiveParam[] {
  const { task, params } = recipe
  const family = familyOf(task)
  const shown = [...telling, ...(valueIn(recipe, 'peft') === true ? tellingOfAdapters : [])]
  const names = [...shown.filter((name) => Object.hasOwn(family, name)), ...Object.keys(params)]
  return [...new Set(names)].map((name) => {
    const read = valueIn(recipe, name)
    return { name, value: read === undefined ? params[name] : read, isGiven: Object.hasOwn(params, name) }
  })
}

/** The parameters as one line of a plan. */
export function parameterStep(recipe: Recipe): string {
  const all = effectiveParams(recipe)
  const list = (isGiven: boolean) =>
    all
      .filter((param) => param.isGiven === isGiven)
      .map(({ name, value }) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(', ')
  const given = list(true)
  const defaults = list(false)
  const parts = [
    given,
    defaults === '' ? '' : `${given === '' ? '' : 'and '}AutoTrain's defaults ${defaults}`,
  ]
  return `Train with ${parts.filter(Boolean).join(' ')}`
}
