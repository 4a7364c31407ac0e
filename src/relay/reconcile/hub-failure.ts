import { HttpError, NoAnswerError } from '../../http/errors.ts'
import type { HubRepo } from '../../hub/heads.ts'
import { describeHubAnswer } from '../../hub/refusals.ts'

/**
 * Why the Hub did not tell the head of a branch, and what to do about it: a sentence for the operator.
 *
 * @throws what is no answer of the Hub
 */
export function explainHubFailure(
  error: unknown,
  { type, name, branch, hasHubToken }: HubRepo & { hasHubToken: boolean },
): string {
  if (error instanceof NoAnswerError) return error.message
  if (!(error instanceof HttpError)) throw error
  const { status, code, isLimit } = error
  if (code === 'RevisionNotFound') return `${name} has no branch ${branch}: correct ref in RELAY_ROUTES.`
  if (isLimit || status >= 500 || status < 400) return error.message
  return `${name} cannot be read (${describeHubAnswer(error)}): ${adviceFor(error, { type, hasHubToken })}.`
}

/** With a token that it knows, the Hub answers 404 or 403 for what the token cannot read. */
function adviceFor(
  { status }: HttpError,
  { type, hasHubToken }: Pick<HubRepo, 'type'> & { hasHubToken: boolean },
): string {
  if (!hasHubToken) {
    return `check ${whereNamed(type)}; for a private ${type} set HF_TOKEN to a token that can read it`
  }
  return status === 401
    ? 'HF_TOKEN is wrong, expired or revoked, so set a new one; for public datasets and models none is needed'
    : `check ${whereNamed(type)}, and give HF_TOKEN read access to it`
}

/** The relay's own settings name the datasets, and mostly the recipes name the models. */
function whereNamed(type: HubRepo['type']): string {
  return type === 'dataset'
    ? 'the name'
    : "the name in the recipe's input-model, or in models of RELAY_ROUTES"
}
