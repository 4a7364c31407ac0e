import type { PlannedOrder } from '../domain/plan/training-plan.ts'
import type { TrainingOrder } from '../domain/training.ts'

/**
 * The environment variables of every training that runs a script. Everyone who can read the run can read them, so the
 * token is not among them.
 *
 * @param options.config AutoTrain's config file, as text
 */
export function runEnvironment(options: {
  order: TrainingOrder
  config: string
}): Readonly<Record<string, string>> {
  const { order, config } = options
  const { recipe, revision, project, published } = order
  const base = baseOf(order)
  return {
    AUTO_RETRAIN_DATASET: recipe.inputDataset,
    AUTO_RETRAIN_REVISION: revision,
    AUTO_RETRAIN_MODEL: modelOf(order),
    AUTO_RETRAIN_BASE_MODEL: base.model,
    AUTO_RETRAIN_BASE_REVISION: base.revision,
    AUTO_RETRAIN_PUBLISHED_MODEL: published?.model ?? '',
    AUTO_RETRAIN_PUBLISHED_REVISION: published?.commit ?? '',
    AUTO_RETRAIN_TASK: recipe.task,
    AUTO_RETRAIN_PROJECT: project,
    AUTO_RETRAIN_CONFIG: config,
  }
}

/** The model that a training starts from, and its commit; an empty commit is the newest. */
export function baseOf({ recipe, startFrom }: Pick<PlannedOrder, 'recipe' | 'startFrom'>): {
  readonly model: string
  readonly revision: string
} {
  return startFrom ?? { model: recipe.inputModel, revision: '' }
}

/** The name of the trained model on the Hub, `namespace/name`. */
export function modelOf({ recipe, project }: Pick<TrainingOrder, 'recipe' | 'project'>): string {
  return `${recipe.targetNamespace}/${project}`
}
