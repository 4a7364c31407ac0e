import type { TrainingOrder } from '../domain/training.ts'

/**
 * What every training that runs a script finds in its environment. The values can be read by everyone who can read
 * the run; the token is not among them.
 *
 * @param options.config AutoTrain's config file, as text
 */
export function runEnvironment(options: {
  order: TrainingOrder
  config: string
}): Readonly<Record<string, string>> {
  const { order, config } = options
  const { recipe, revision, project } = order
  return {
    AUTO_RETRAIN_DATASET: recipe.inputDataset,
    AUTO_RETRAIN_REVISION: revision,
    AUTO_RETRAIN_MODEL: modelOf(order),
    AUTO_RETRAIN_BASE_MODEL: recipe.inputModel,
    AUTO_RETRAIN_PROJECT: project,
    AUTO_RETRAIN_CONFIG: config,
  }
}

/** Where the trained model is to be on the Hub, `namespace/name`. */
export function modelOf({ recipe, project }: TrainingOrder): string {
  return `${recipe.targetNamespace}/${project}`
}
