import { messageOf } from '../../domain/error-message.ts'
import type { Check } from '../../domain/plan/checks.ts'
import type { PlannedOrder } from '../../domain/plan/training-plan.ts'
import type { TrainingOrder } from '../../domain/training.ts'
import { mountPath } from '../autotrain/dataset-layout.ts'
import { baseOf, modelOf } from '../run-environment.ts'
import { uvCommand } from './command.ts'
import { fillArguments } from './placeholders.ts'
import { codeOf, pythonOf, reviewCode } from './recipe-settings.ts'

type CommandOrder = PlannedOrder & Pick<TrainingOrder, 'project'>

/**
 * The command of an order: no shell reads it.
 *
 * @throws Refused when an argument or a package is wrong
 */
export function scriptCommand(order: CommandOrder): string[] {
  const { recipe, revision, published } = order
  const { script } = codeOf(recipe)
  const base = baseOf(order)
  return uvCommand({
    script,
    isLocked: reviewCode(recipe).isLocked,
    python: pythonOf(recipe),
    packages: recipe.with,
    args: fillArguments(recipe.scriptArgs, {
      dataset: recipe.inputDataset,
      revision,
      data: mountPath,
      model: modelOf(order),
      'base-model': base.model,
      'base-revision': base.revision,
      'published-model': published?.model ?? '',
      'published-revision': published?.commit ?? '',
      task: recipe.task,
    }),
  })
}

/** Checks the command of an order whose model has no name yet; the step shows it. */
export function reviewCommand(order: PlannedOrder): { check: Check; step: string | null } {
  const check = { id: 'script-args', title: 'The command can be sent' }
  try {
    const command = scriptCommand({ ...order, project: 'MODEL' })
    const found = `${command.length} words, without a shell`
    const step = `Run ${command.map(quoted).join(' ')}`
    return { check: { ...check, found, verdict: 'passed', advice: null }, step }
  } catch (error) {
    return {
      check: { ...check, found: 'not possible', verdict: 'refused', advice: messageOf(error) },
      step: null,
    }
  }
}

/** The recipe as the script finds it in AUTO_RETRAIN_CONFIG. */
export function scriptConfig(order: TrainingOrder): string {
  const { recipe, revision, published } = order
  const base = baseOf(order)
  const { inputDataset, task, trainSplit, validSplit, columnMapping, params } = recipe
  return JSON.stringify({
    dataset: inputDataset,
    revision,
    data: mountPath,
    model: modelOf(order),
    base_model: base.model,
    base_revision: base.revision,
    published_model: published?.model ?? '',
    published_revision: published?.commit ?? '',
    task,
    train_split: trainSplit,
    valid_split: validSplit,
    column_mapping: columnMapping,
    params,
  })
}

function quoted(word: string): string {
  return /^[\w@%+=:,./{}-]+$/.test(word) ? word : JSON.stringify(word)
}
