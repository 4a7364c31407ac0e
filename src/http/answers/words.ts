import { parseJson } from '../../domain/parse-json.ts'
import { cutText } from '../../domain/text/cut.ts'
import type { HeaderReader } from '../headers/retry-after.ts'

/** The parts of an answer that a service may explain a refusal in. */
interface Explained {
  readonly headers: HeaderReader
  readonly body: string
}

/**
 * Reads what a service itself says about a refusal. There is one reader for each service, which knows its fields.
 *
 * @returns text from outside, whole; null when the service says nothing
 */
export type ReadWords = (answer: Explained) => string | null

/** How much of a service's words is shown, in characters. */
const maxShown = 400

/** Longer texts are cut before anything else is done with them. */
const maxRead = 20_000

/** Marks that only change how text is displayed, for example its direction. */
const displayMarks = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g

/**
 * Prepares a service's words to be shown: on one line, without control characters, at most 400 characters, not cut
 * inside an address, and without the full stop at the end. The place that shows them
 * escapes what has a meaning there, such as Markdown.
 *
 * @param text from outside, with secrets already hidden: a cut would leave the beginning of one
 */
export function showWords(text: string): string {
  const line = text.slice(0, maxRead).toWellFormed().replaceAll(displayMarks, '')
  const shown = cutWords(line.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim(), maxShown)
  return shown.replace(/[.\s]{1,20}$/, '')
}

/**
 * Cuts a text to a number of characters. An address is kept whole or left out: half of one leads nowhere. So is a name
 * with a slash: half of a private one would not be recognised where it has to be hidden.
 *
 * @returns the text, or its beginning with `…` at the end
 */
export function cutWords(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text.toWellFormed()
  const end = maxLength - 1
  // An address has no spaces, so the word that the cut would split shows whether it is one.
  const wordStart = text.lastIndexOf(' ', end) + 1
  const wordEnd = text.indexOf(' ', end)
  const word = text.slice(wordStart, wordEnd === -1 ? undefined : wordEnd)
  const address = /[a-z]{1,10}:\/\//i.exec(word)
  const cut = address === null ? startOfName(text, end) : Math.min(end, wordStart + address.index)
  return `${cutText(text, cut).replace(/[\s(<"']{1,20}$/, '')}…`
}

/** Longer than any name of a repository. */
const maxName = 200

/** Where the name begins that a cut would split; the cut itself where it splits none. */
function startOfName(text: string, cut: number): number {
  const before = /[^\s"'`<>(),;=]{1,200}$/.exec(text.slice(Math.max(0, cut - maxName), cut))?.[0] ?? ''
  const after = /^[^\s"'`<>(),;=]{1,200}/.exec(text.slice(cut, cut + maxName))?.[0] ?? ''
  const isName = before !== '' && after !== '' && /\/|%2f/i.test(before + after)
  return isName ? cut - before.length : cut
}

/**
 * The title of a page of HTML, which a proxy, a login page or a wrong address answers in place of a service.
 *
 * @returns null when the body is no page; empty when the page has no title
 */
export function pageTitle(body: string): string | null {
  const start = withoutPreamble(body.slice(0, maxRead))
  if (!/^<(?:!doctype html|html|head|body|title|meta|script|center|h1)\b/i.test(start)) return null
  const open = start.search(/<title\b/i)
  if (open === -1) return ''
  const from = start.indexOf('>', open) + 1
  const to = start.indexOf('<', from)
  return from === 0 || to === -1 ? '' : showWords(start.slice(from, to))
}

/** What may stand before a page: a byte-order mark, XML's declaration, comments. */
function withoutPreamble(text: string): string {
  let rest = text.trimStart()
  for (;;) {
    const end = rest.startsWith('<!--') ? '-->' : rest.startsWith('<?xml') ? '?>' : null
    const at = end === null ? -1 : rest.indexOf(end)
    if (end === null || at === -1) return rest
    rest = rest.slice(at + end.length).trimStart()
  }
}

/**
 * The JSON object in a body.
 *
 * @returns null when the body is no JSON object
 */
export function jsonObject(body: string): Readonly<Record<string, unknown>> | null {
  const value = parseJson(body)
  return isObject(value) ? value : null
}

/** Whether a value is an object with fields. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A text that says something, or null. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

/** A body that is neither JSON nor a page of HTML is a sentence; so is a text, or a list of texts, as JSON. */
export function plainText(body: string): string | null {
  const value = parseJson(body)
  if (value === undefined) return pageTitle(body) === null ? textOrNull(body) : null
  const texts = (Array.isArray(value) ? value.slice(0, 10) : [value]).flatMap(
    (item) => textOrNull(item) ?? [],
  )
  return texts.join('; ') || null
}
