import type { Recipe } from '../../../domain/recipe.ts'

/**
 * AutoTrain parameters that are no hyperparameters, and the key of the recipe that sets them. AutoTrain merges `params`
 * last, so they could change the data, the model's repository or the token.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/parser.py
 */
const ownKeys: Readonly<Record<string, string>> = {
  backend: 'hardware',
  base_model: 'input-model',
  data: 'input-dataset',
  data_path: 'input-dataset',
  hub: 'target-namespace',
  hub_token: 'hf-token',
  image_path: 'input-dataset',
  model: 'input-model',
  project_name: 'autotrain-project-prefix',
  push_to_hub: 'target-namespace',
  task: 'task',
  token: 'hf-token',
  train_split: 'train-split',
  trainer: 'task',
  username: 'target-namespace',
  valid_split: 'valid-split',
}

/** Columns that AutoTrain's documentation lists among the parameters of a table. */
const plainColumns = ['categorical_columns', 'numerical_columns']

/**
 * What to do in place of a parameter that a key of the recipe decides.
 *
 * @returns the sentence that refuses it; null when it is a parameter
 */
export function ownKeyProblem(name: string): string | null {
  const found = `params: ${name} is not a hyperparameter: remove it`
  if (name === 'log') {
    return `${found}: every config says tensorboard, and the metrics are read from the log of the training.`
  }
  const key = insteadOf(name)
  return key === null ? null : `${found}, and set ${key} instead.`
}

function insteadOf(name: string): string | null {
  if (Object.hasOwn(ownKeys, name)) return ownKeys[name] ?? null
  return /_columns?$/.test(name) && !plainColumns.includes(name) ? 'column-mapping' : null
}

/** The first parameter of a recipe that a key of it decides, as a sentence; null without one. */
export function firstOwnKeyProblem({ params }: Pick<Recipe, 'params'>): string | null {
  return Object.keys(params).flatMap((name) => ownKeyProblem(name) ?? [])[0] ?? null
}
