import { stringify } from 'yaml'
import type { Recipe } from '../../domain/recipe.ts'
import { cliTask, isLanguageModel, tableKind } from '../../domain/tasks.ts'
import { Refused } from '../../domain/verdict.ts'

/** The keys of a recipe that say what these parameters would say once more: AutoTrain lets `params` win. */
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

/** `trainer` and `task` say which kind of language model or table is trained. */
const kindKeys = ['task', 'trainer']

/** Not columns with a role, although their names end like those. */
const plainColumns = ['categorical_columns', 'numerical_columns']

/**
 * Refuses hyperparameters that would silently take the place of something else: `params` is merged last into
 * AutoTrain's settings, so they could change the data, the model's place or the token.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/parser.py
 *
 * @throws Refused with the name of the key to use
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
 * Writes the config file of AutoTrain's command line. The token is not in it: AutoTrain takes that from its
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
      // AutoTrain fills in variables here only, and only as the whole value.
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is AutoTrain's notation
      hub: { username: recipe.targetNamespace, token: '${HF_TOKEN}', push_to_hub: true },
    },
    // Python reads YAML 1.1, where a bare "no" or "1_000" is no text.
    { version: '1.1', lineWidth: 0 },
  )
}

/** Tables may have several targets: a recipe has them in one text, with commas between. */
function columns({ columnMapping }: Recipe): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(columnMapping).map(([role, column]) => [
      role,
      role === 'target_columns' ? column.split(',').map((name) => name.trim()) : column,
    ]),
  )
}
