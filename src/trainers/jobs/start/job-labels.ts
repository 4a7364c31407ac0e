import type { TrainingOrder } from '../../../domain/training.ts'

/** The label that the Job of one attempt is found by. Its value is the attempt's nonce. */
export const nonceLabel = 'auto-retrain'

/** The label that says which ledger ordered a Job. Jobs of older versions have none. */
export const ledgerLabel = 'ledger'

/** The Hub's limit for a label's value, in characters. https://huggingface.co/docs/hub/api#jobs */
const maxLength = 100

/**
 * Returns the labels of a Job.
 *
 * @throws Error when the nonce, the recipe's key or the ledger's id is invalid: it could match another Job
 */
export function jobLabels(order: TrainingOrder): Record<string, string> {
  const { recipe, project, nonce, ledger } = order
  if (!/^[A-Za-z0-9]{8,100}$/.test(nonce)) {
    throw new Error('Invalid order (bug): the nonce must be 8 to 100 letters and digits.')
  }
  if (!/^[0-9a-f]{8}$/.test(ledger)) {
    throw new Error("Invalid order (bug): the ledger's id must be 8 hex digits.")
  }
  return {
    [nonceLabel]: nonce,
    ...revisionLabels(order),
    [ledgerLabel]: ledger,
    name: labelText(project),
    dataset: labelText(recipe.inputDataset),
  }
}

/**
 * Returns the labels that all Jobs of a recipe at a revision have, of any attempt and any ledger.
 *
 * @throws Error when the recipe's key or the revision is invalid: it could match another Job
 */
export function revisionLabels({ key, revision }: TrainingOrder): Record<string, string> {
  if (![key, revision].every((value) => /^[A-Za-z0-9_-]{1,100}$/.test(value))) {
    throw new Error(
      "Invalid order (bug): the recipe's key and the revision must be letters, digits, _ and -.",
    )
  }
  return { recipe: key, revision }
}

/** The Hub stores labels as tags too, which have no slashes and no dots. */
function labelText(text: string): string {
  return text
    .replaceAll('/', '--')
    .replaceAll(/[^A-Za-z0-9_-]/g, '-')
    .slice(0, maxLength)
}
