import { textWithoutSection } from './card-text.ts'

/** Longer cards are linked only. A card that a training writes has a few kB. */
const maxLength = 200_000

/** Elements that would go on behind the text if they were left open. */
const elements = ['script', 'style', 'pre', 'textarea', 'details', 'div', 'table'] as const

/** A fence at the beginning of a line, and one behind up to three spaces, which may belong to a list. */
const fence = /^(`{3,}|~{3,})(.*)$/
const indentedFence = /^ {1,3}(?:`{3,}|~{3,})/

/**
 * The text of a run's card for a place inside of another card.
 *
 * @param card README.md of the run's model
 * @returns Markdown that does not change what stands behind it, without front matter and our markers; empty: there is no
 *   text, or too much of it
 */
export function runCardText(card: string): string {
  const text = textWithoutSection(card)
  if (text.length > maxLength) return ''
  if (isClosed(text)) return text
  // The end of a quotation ends everything in it. https://spec.commonmark.org/0.31.2/#container-blocks
  return text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')
}

/** Whether code blocks, comments and elements that begin in the text certainly end in it. */
function isClosed(text: string): boolean {
  if (text.includes('\r') || text.lastIndexOf('<!--') > text.lastIndexOf('-->')) return false
  if (/<(?:\?|!(?!--))/.test(text)) return false
  const lower = text.toLowerCase()
  if (elements.some((name) => lower.split(`<${name}`).length !== lower.split(`</${name}`).length))
    return false
  let open: string | null = null
  for (const line of text.split('\n')) {
    if (indentedFence.test(line)) return false
    const [, signs = '', rest = ''] = fence.exec(line) ?? []
    if (signs === '') continue
    if (open === null) open = signs.startsWith('`') && rest.includes('`') ? null : signs
    else if (signs.startsWith(open) && rest.trim() === '') open = null
  }
  return open === null
}
