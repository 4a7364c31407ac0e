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
  const advice = hasHubToken
    ? `check the name, and give HF_TOKEN read access to it`
    : `check the name; for a private ${type} set HF_TOKEN to a token that can read it`
  return `${name} cannot be read (${describeHubAnswer(error)}): ${advice}.`
}
