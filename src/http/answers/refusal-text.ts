import { type HttpError, nameOfPage } from '../errors.ts'

/**
 * Everything about an answer but its status: `, request id r-1: "..."`, or `: a page of HTML from https://...`. Where the
 * service gives no reason, that is said.
 */
export function answerDetails({ requestId, words, page, address }: HttpError): string {
  const id = requestId === null ? '' : `, request id ${requestId}`
  if (words !== null) return `${id}: "${words}"`
  if (page !== null) return `${id}: ${nameOfPage(page)} from ${address}`
  return `${id}, without a reason`
}

/** The end of a sentence as a sentence of its own, after a space; empty for none. A name keeps its small letter. */
export function nextSentence(advice: string | null): string {
  if (advice === null) return ''
  const isWord = /^[a-z]+(?![\w./-])/.test(advice)
  return ` ${isWord ? advice.charAt(0).toUpperCase() + advice.slice(1) : advice}.`
}
