import type { TrainingOrder } from '../../domain/training.ts'

/** The label by which the Job of an attempt is found: its value is the attempt's nonce. */
export const nonceLabel = 'auto-retrain'

/** The Hub's limit of a label's value, in characters. https://huggingface.co/docs/hub/api#jobs */
const maxLength = 100

/**
 * The labels of a Job. Their alphabet has no slash, so that a dataset's name is written with `--` in its place.
 *
 * @throws Error when the nonce is none, by which a Job of somebody else could be found
 */
export function jobLabels({ recipe, revision, project, nonce }: TrainingOrder): Record<string, string> {
  if (!/^[A-Za-z0-9]{8,100}$/.test(nonce)) throw new Error('an order without a nonce cannot be started')
  return {
    [nonceLabel]: nonce,
    name: project,
    dataset: recipe.inputDataset.replaceAll('/', '--').slice(0, maxLength),
    revision: revision.slice(0, maxLength),
  }
}
