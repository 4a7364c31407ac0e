import { stringify } from 'yaml'
import type { Recipe } from '../../domain/recipe.ts'
import { cliTask, isLanguageModel, tableKind } from '../../domain/tasks.ts'
import { Refused } from '../../domain/verdict.ts'

/** AutoTrain parameters that a key of the recipe sets already. AutoTrain would let `params` win. */
const ownKeys: Readonly<Record<string, string>> = {
  backend: 'trainer',
  base_model: 'input-model',
  data_path: 'input-dataset',
  hub: 'target-namespace',
  image_path: 'input-dataset',
  log: 'trainer',
  model: 'input-model',
  project_name: 'autotrain-project-prefix',
  push_to_hub: 'target-namespace',
  token: 'hf-token',
  train_split: 'train-split',
  username: 'target-namespace',
  valid_split: 'valid-split',
}

/** These parameters choose the kind of language model or table, which `task` decides. */
const kindKeys = ['task', 'trainer']

/** Hyperparameters that only look like column mappings. */
const plainColumns = ['categorical_columns', 'numerical_columns']

/**
 * Refuses hyperparameters that would silently override another key. AutoTrain merges `params` last, so they could
 * change the data, the model's repository or the token.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/parser.py
 *
 * @throws Refused naming the key to use instead
 */
export function checkParams({ params }: Recipe): void {
  for (const name of Object.keys(params)) {
    const key = insteadOf(name)
    if (key !== null) {
      throw new Refused(`params: ${name} is not a hyperparameter: remove it, and set ${key} instead.`)
    }
  }
}

function insteadOf(name: string): string | null {
  if (Object.hasOwn(ownKeys, name)) return ownKeys[name] ?? null
  if (kindKeys.includes(name)) return 'task'
  return /_columns?$/.test(name) && !plainColumns.includes(name) ? 'column-mapping' : null
}

/**
 * Writes the config file for AutoTrain's command line. It does not contain the token: AutoTrain reads that from the
 * environment.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/parser.py
 *
 * @param options.dataPath a dataset on the Hub, or a folder
 * @returns YAML
 */
export function autotrainConfig(options: { recipe: Recipe; project: string; dataPath: string }): string {
  const { recipe, project, dataPath } = options
  const table = tableKind(recipe.task)
  return stringify(
    {
      task: cliTask(recipe.task),
      base_model: recipe.inputModel,
      project_name: project,
      log: 'tensorboard',
      backend: 'local',
      data: {
        path: dataPath,
        train_split: recipe.trainSplit,
        valid_split: recipe.validSplit,
        ...(isLanguageModel(recipe.task) && { chat_template: recipe.params.chat_template ?? null }),
        column_mapping: columns(recipe),
      },
      params: { ...(table !== null && { task: table }), ...recipe.params },
      // AutoTrain expands variables only here, and only as the whole value.
      // biome-ignore lint/suspicious/noTemplateCurlyInString: AutoTrain's syntax
      hub: { username: recipe.targetNamespace, token: '${HF_TOKEN}', push_to_hub: true },
    },
    // Python reads YAML 1.1, where a bare "no" or "1_000" is not a string.
    { version: '1.1', lineWidth: 0 },
  )
}

/** A table may have several targets; a recipe lists them in one string, separated by commas. */
function columns({ columnMapping }: Recipe): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(columnMapping).map(([role, column]) => [
      role,
      role === 'target_columns' ? column.split(',').map((name) => name.trim()) : column,
    ]),
  )
}
