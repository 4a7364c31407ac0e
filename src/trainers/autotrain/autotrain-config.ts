import type { PlannedOrder } from '../../domain/plan/training-plan.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { cliTask, columnRoles, isLanguageModel, tableKind } from '../../domain/tasks.ts'
import { baseOf } from '../run-environment.ts'
import { paramOf } from './params/families.ts'
import { readValue } from './params/values.ts'
import { pythonYaml } from './python-yaml.ts'

/**
 * Writes the config file for AutoTrain's command line. It does not contain the token: AutoTrain reads that from the
 * environment.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/parser.py
 *
 * @param options.dataPath a dataset on the Hub, or a folder
 * @param options.startFrom AutoTrain reads its newest commit: its config has no place for another
 * @returns YAML
 */
export function autotrainConfig(
  options: Pick<PlannedOrder, 'recipe' | 'startFrom'> & { project: string; dataPath: string },
): string {
  const { recipe, project, dataPath } = options
  const table = tableKind(recipe.task)
  return pythonYaml({
    task: cliTask(recipe.task),
    base_model: baseOf(options).model,
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
    params: { ...(table !== null && { task: table }), ...paramsOf(recipe) },
    // AutoTrain expands variables only here, and only as the whole value.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: AutoTrain's syntax
    hub: { username: recipe.targetNamespace, token: '${HF_TOKEN}', push_to_hub: true },
  })
}

/** A word for none becomes null, which AutoTrain's classes read as none whatever the parameter. */
function paramsOf({ task, params, trainer }: Recipe): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      const facts = trainer === 'autotrain' ? paramOf(task, name) : undefined
      return [name, facts !== undefined && readValue(facts, value) === null ? null : value]
    }),
  )
}

/**
 * A role that is not given must be written where AutoTrain's default is a column's name. It reads an empty id as none,
 * and refuses null. Several targets are always a list.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/dataset.py
 */
function columns({ task, columnMapping }: Recipe): Record<string, unknown> {
  const several = columnRoles(task).flatMap(({ name, takes }) => (takes === 'several' ? [name] : []))
  const given = Object.entries(columnMapping).map(([role, column]): [string, unknown] => [
    role,
    several.includes(role) ? [column].flat() : column,
  ])
  return {
    ...(tableKind(task) !== null && { id_column: '' }),
    ...(task === 'vlm:captioning' && { prompt_text_column: null }),
    ...Object.fromEntries(given),
  }
}
