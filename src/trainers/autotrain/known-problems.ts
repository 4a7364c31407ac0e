import type { Recipe } from '../../domain/recipe.ts'
import { isLanguageModel, tableKind } from '../../domain/tasks.ts'
import { inWords } from '../../domain/text/format.ts'
import { hasGpu } from './hardware.ts'
import { ownScript } from './layout/layout.ts'
import { readFlag } from './params/values.ts'

/** The version whose faults are known: the newest one. https://pypi.org/project/autotrain-advanced/ */
export const knownVersion = 'AutoTrain 0.8.36'

/** Models of tables that train with scikit-learn 1.6, which AutoTrain pins. */
const soundModels = ['logistic_regression', 'ridge', 'svm', 'knn']

/** Models that fail as soon as a trial draws `max_features: auto`, which scikit-learn 1.3 removed: one trial in four. */
const unsteadyModels = ['random_forest', 'extra_trees', 'decision_tree']

/** Models that AutoTrain knows, and for which it has no search space, or that need another scikit-learn. */
const brokenModels = ['xgboost', 'gradient_boosting', 'adaboost', 'naive_bayes']

/** How many sets of parameters AutoTrain tries for a table. */
const defaultTrials = 10

/**
 * Why AutoTrain certainly fails with a recipe, whatever the data are.
 * https://github.com/huggingface/autotrain-advanced/tree/main/src/autotrain/trainers
 *
 * @returns a sentence: what is wrong, what is allowed, what to do; null where nothing is known
 */
export function knownProblem(recipe: Recipe): string | null {
  const { task } = recipe
  const unsupported = 'with the versions of its libraries that its image pins'
  if (task === 'extractive-question-answering') {
    return `task: ${knownVersion} cannot train ${task} ${unsupported}: choose another task, set image to one in which it works, ${ownScript}.`
  }
  if (task === 'tabular-regression') {
    return (
      `task: ${knownVersion} cannot train ${task} with any model ${unsupported}: tabular-classification works ` +
      `(input-model: ${inWords(soundModels, 'or')}), otherwise set image to one in which it works, ${ownScript}.`
    )
  }
  return tableModelProblem(recipe) ?? validationProblem(recipe) ?? quantizationProblem(recipe)
}

/** What a person should know about a recipe that may fail. */
export function knownRisks({ task, inputModel, params }: Recipe): string[] {
  if (tableKind(task) === null) return []
  const integers = 'AutoTrain trains on a table only if its labels are integers, not text'
  if (!unsteadyModels.includes(inputModel)) return [integers]
  const trials = typeof params.num_trials === 'number' ? params.num_trials : defaultTrials
  const percent = Math.round((1 - 0.75 ** trials) * 100)
  return [
    integers,
    `Warning: ${inputModel} fails in about ${percent} of 100 runs with ${trials} trials of ${knownVersion}, which may ` +
      `draw a value that its scikit-learn does not have (max_features: auto); ${inWords(soundModels, 'or')} do not`,
  ]
}

function tableModelProblem({ task, inputModel }: Recipe): string | null {
  if (tableKind(task) === null || soundModels.includes(inputModel) || unsteadyModels.includes(inputModel))
    return null
  const fault = brokenModels.includes(inputModel)
    ? `fails in ${knownVersion} with the versions of its libraries that its image pins`
    : `is no model of ${knownVersion} for the task ${task}`
  return (
    `input-model: ${inputModel} ${fault}: set it to ${inWords(soundModels, 'or')} (${unsteadyModels.join(', ')} may work, but ` +
    `most runs fail), with labels that are integers, ${ownScript}.`
  )
}

/**
 * AutoTrain puts the validation data of language models aside and then loses them, so that it measures on nothing.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/clm/utils.py
 */
function validationProblem(recipe: Recipe): string | null {
  const { task, validSplit } = recipe
  if (!isLanguageModel(task) || validSplit === null || neverLooksAtValidation(recipe)) return null
  return (
    `valid-split: ${knownVersion} fails with a validation split for the task ${task}: remove valid-split (nothing is ` +
    `measured then), ${ownScript}.`
  )
}

/** Whether the parameters keep AutoTrain from everything that it does with validation data. */
function neverLooksAtValidation({ task, params }: Recipe): boolean {
  const { eval_strategy: strategy, logging_steps: steps, chat_template: template = null } = params
  const isPlain = template === null && typeof steps === 'number' && steps > 0
  return strategy === 'no' && isPlain && ['llm-sft', 'llm-dpo', 'llm-orpo'].includes(task)
}

/** Language models in 4 or 8 bits need CUDA. */
function quantizationProblem({ task, params, hardware }: Recipe): string | null {
  const isSeq2seq = task === 'seq2seq'
  if (!(isLanguageModel(task) || isSeq2seq || task.startsWith('vlm:')) || readFlag(params.peft) !== true)
    return null
  const { quantization = isSeq2seq ? 'int8' : 'int4' } = params
  if (isSeq2seq && quantization === 'int4') {
    return `params: quantization: AutoTrain cannot train ${task} in int4: set quantization to int8 or null.`
  }
  if (!(quantization === 'int4' || quantization === 'int8') || hasGpu(hardware)) return null
  return (
    `hardware: ${hardware} has no GPU, and with peft AutoTrain trains ${task} in ${quantization}` +
    `${params.quantization === undefined ? ' by default' : ''}, which needs one: set quantization to null in params, or ` +
    'use hardware with an NVIDIA GPU, such as t4-small.'
  )
}

/** As AutoTrain reads a value of YAML as true or false. */
