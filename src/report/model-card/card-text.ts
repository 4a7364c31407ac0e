const begin = '<!-- auto-retrain: begin -->'
const end = '<!-- auto-retrain: end -->'

/**
 * Matches as the Hub does, which allows the empty line that AutoTrain writes first. Only at the start, without the flag
 * m: further down, a line of dashes is a horizontal rule, and a search from each line is quadratic.
 */
const frontMatter = /^(\s*---[ \t]*\r?\n)([\s\S]*?)(?<=\n)(---[ \t]*(?:\r?\n|$))/

/** A card in its two parts. */
interface CardParts {
  /** The front matter without its fences; empty: there is none. */
  readonly yaml: string
  /** Everything behind it. */
  readonly body: string
}

/** Takes a card apart into its front matter and its text. */
export function splitCard(card: string): CardParts {
  const [whole = '', , yaml = ''] = frontMatter.exec(card) ?? []
  return { yaml, body: card.slice(whole.length) }
}

/**
 * Writes the front matter of a card and keeps its text.
 *
 * @param card the text of README.md; empty when there is none
 * @param metadata the new front matter without its fences; null: it stays as it is
 */
export function withFrontMatter(card: string, metadata: string | null): string {
  if (metadata === null) return card
  const found = frontMatter.exec(card)
  if (found === null) {
    return metadata.trim() === '{}' || metadata === '' ? card : `---\n${metadata}\n---\n\n${card}`
  }
  const [whole, open = '', yaml = '', close = ''] = found
  return metadata === yaml ? card : `${open}${metadata}\n${close}${card.slice(whole.length)}`
}

/**
 * Writes our section into a card, in place of the one that is there, else at its end. Everything outside of the markers
 * is kept.
 *
 * @param parts Markdown without our markers
 */
export function withSection(card: string, parts: readonly string[]): string {
  const section = [begin, ...parts, end].join('\n\n')
  const found = findSection(card)
  if (found !== null) return card.slice(0, found.from) + section + card.slice(found.to)
  return `${card.trimEnd()}${card.trim() === '' ? '' : '\n\n'}${section}\n`
}

/**
 * The text of a card for a place between our markers.
 *
 * @returns the text without front matter and without our section; no marker is left in it
 */
export function textWithoutSection(card: string): string {
  const { body } = splitCard(card)
  const found = findSection(body)
  const text = found === null ? body : `${body.slice(0, found.from)}${body.slice(found.to)}`
  return text
    .split('\n')
    .filter((line) => ![begin, end].includes(line.trim()))
    .join('\n')
    .replaceAll(begin, begin.replace('<', '&lt;'))
    .replaceAll(end, end.replace('<', '&lt;'))
    .trim()
}

/** Our section of a card, with its markers; empty: it has none. */
export function sectionOf(card: string): string {
  const found = findSection(card)
  return found === null ? '' : card.slice(found.from, found.to)
}

/** Our section is what stands between two markers without another one in between: a lone marker is a person's text. */
function findSection(card: string): { from: number; to: number } | null {
  let before = 0
  for (let at = card.indexOf(end); at !== -1; at = card.indexOf(end, before)) {
    const from = card.slice(before, at).lastIndexOf(begin)
    if (from !== -1) return { from: before + from, to: at + end.length }
    before = at + end.length
  }
  return null
}
