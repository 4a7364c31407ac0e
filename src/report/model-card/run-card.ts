import { textWithoutSection } from './card-text.ts'

/** Longer cards are linked only. A card that a training writes has a few kB. */
const maxLength = 200_000

/** Elements that have no content, so that nothing behind them can be in them. https://html.spec.whatwg.org/#void-elements */
const emptyElements: readonly string[] = ['br', 'hr', 'img']

/** What may be a tag: its name, its attributes, and whether it ends. A name and a colon are the address in `<https://...>`. */
const tags = /<\/?([a-z][a-z0-9-]*)(?![a-z0-9:-])([^<>]*)(>?)/gi

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
  // The end of a quotation ends all Markdown in it, but no HTML. https://spec.commonmark.org/0.31.2/#container-blocks
  return text
    .replaceAll(/<(?=[a-z/!?])/gi, '&lt;')
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')
}

/** Whether everything that begins in the text certainly ends in it, and nothing else ends in it. */
function isClosed(text: string): boolean {
  if (text.includes('\r')) return false
  const outside = withoutCodeBlocks(text)
  return outside?.every(isPlain) ?? false
}

/** The text between its code blocks; null where it is not certain where they begin and end. */
function withoutCodeBlocks(text: string): string[] | null {
  const outside: string[] = []
  let lines: string[] = []
  let open: string | null = null
  for (const line of text.split('\n')) {
    if (indentedFence.test(line)) return null
    const [, signs = '', rest = ''] = fence.exec(line) ?? []
    if (open !== null) {
      if (signs.startsWith(open) && rest.trim() === '') open = null
    } else if (signs === '' || (signs.startsWith('`') && rest.includes('`'))) {
      lines.push(line)
    } else {
      open = signs
      outside.push(lines.join('\n'))
      lines = []
    }
  }
  return open === null ? [...outside, lines.join('\n')] : null
}

/** Whether all comments end, and there is no other HTML than empty elements, in comments neither. */
function isPlain(text: string): boolean {
  if (text.lastIndexOf('<!--') > text.lastIndexOf('-->') || /<(?:\?|!(?!--))/.test(text)) return false
  return [...text.matchAll(tags)].every(isEmptyElement)
}

/** An odd quotation mark would take what follows into an attribute. */
function isEmptyElement([tag, name = '', attributes = '', close = '']: RegExpExecArray): boolean {
  const isEven = (sign: string) => attributes.split(sign).length % 2 === 1
  return (
    !tag.startsWith('</') &&
    emptyElements.includes(name.toLowerCase()) &&
    close !== '' &&
    isEven('"') &&
    isEven("'")
  )
}
