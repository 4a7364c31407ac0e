import { answerDetails } from '../http/answers/refusal-text.ts'
import type { HttpError } from '../http/errors.ts'
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
