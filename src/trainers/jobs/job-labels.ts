import type { TrainingOrder } from '../../domain/training.ts'

/** The label that the Job of an attempt is found by. Its value is the attempt's nonce. */
export const nonceLabel = 'auto-retrain'

/** The Hub's limit for a label's value, in characters. https://huggingface.co/docs/hub/api#jobs */
const maxLength = 100

/**
 * Returns the labels of a Job. Labels cannot contain a slash, so a dataset's name has `--` instead.
 *
 * @throws Error when the nonce is invalid: it could match another Job
 */
export function jobLabels({ recipe, revision, project, nonce }: TrainingOrder): Record<string, string> {
  if (!/^[A-Za-z0-9]{8,100}$/.test(nonce))
    throw new Error('Invalid order (bug): the nonce must be 8 to 100 letters and digits.')
  return {
    [nonceLabel]: nonce,
    name: project,
    dataset: recipe.inputDataset.replaceAll('/', '--').slice(0, maxLength),
    revision: revision.slice(0, maxLength),
  }
}
