import { answerDetails } from '../http/answers/refusal-text.ts'
import { HttpError } from '../http/errors.ts'
import { type HubAsk, knownHubMessages } from './known-messages.ts'

/**
 * What to do about a refusal of the Hub whose cause is known by its words.
 *
 * @returns the end of a sentence; null where the cause is not known: the status alone has many causes
 */
export function adviseOnHub({ words, code }: HttpError, ask: HubAsk): string | null {
  const known = knownHubMessages.find(
    (row) => (words !== null && row.says.test(words)) || (code !== null && row.code === code),
  )
  return known?.advice(ask) ?? null
}

/** The Hub's answer in words, for brackets: `the Hub answered 403, request id r-1: "..."`. */
export function describeHubAnswer(error: HttpError): string {
  return `the Hub answered ${error.status}${answerDetails(error)}`
}

/**
 * Whether the Hub does not show something to this token: it is gone, hidden, or not to be read. Another look would end the
 * same way.
 */
export function isHidden(error: unknown): error is HttpError {
  return error instanceof HttpError && !error.isLimit && [401, 403, 404, 451].includes(error.status)
}
