import { stripVTControlCharacters } from 'node:util'

/** An invisible character that keeps renderers from turning text into a link, a mention or a reference. */
const wordJoiner = '\u2060'

/** Line ends, other control characters, and characters that change the direction of the surrounding text. */
const controlCharacters = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

const maxLineLength = 2000

/** Longer lines of a code block go on in the next one: a page scrolls sideways for them, and on a phone for long. */
const maxBlockWidth = 120
const continuation = '    '

/**
 * Escapes untrusted text for a line of Markdown. GitHub and the Hub then show it as plain text: no emphasis, link,
 * image, mention, emoji, HTML, table cell, heading or math.
 * https://github.github.com/gfm/
 *
 * @param max the maximum length in characters; longer text is truncated
 */
export function plain(text: string, max = 500): string {
  return breakAutolinks(truncate(text, max))
    .replaceAll(/[\\`*_{}[\]<>()#+\-!|~&$=^"']/g, '\\$&')
    .replace(/^(\d+)\./, '$1\\.')
}

/**
 * Formats an untrusted name, path or line of code as inline code. A vertical bar is replaced by a lookalike, since
 * renderers disagree on how to escape it inside a table.
 *
 * @param max the maximum length in characters; longer text is truncated
 */
export function code(text: string, max = 200): string {
  const content = truncate(text, max).replaceAll('|', '\u2502')
  if (content === '') return '(empty)'
  const fence = '`'.repeat(longestRun(content) + 1)
  const padding = content.startsWith('`') || content.endsWith('`') ? ' ' : ''
  return `${fence}${padding}${content}${padding}${fence}`
}

/**
 * Formats untrusted lines as a code block, in a fence that they cannot close.
 *
 * @param lines control characters and colours are removed; long lines are wrapped, very long ones truncated
 * @param maxBytes maximum size of the block; when it is exceeded, the first lines are dropped
 */
export function block(lines: readonly string[], maxBytes = 60_000): string {
  const kept: string[] = []
  let bytes = 0
  for (const line of lines.toReversed()) {
    const shown = wrap(truncateLine(line))
    bytes += shown.reduce((size, part) => size + Buffer.byteLength(part) + 1, 0)
    // Room for the fences, which may be as long as the longest line.
    if (bytes > maxBytes - 2 * maxLineLength - 10) break
    kept.unshift(...shown)
  }
  const longest = kept.reduce((max, line) => Math.max(max, longestRun(line)), 0)
  const fence = '`'.repeat(Math.max(3, longest + 1))
  return [`${fence}text`, ...kept, fence].join('\n')
}

/**
 * Formats a link.
 *
 * @param label escaped Markdown
 * @param url absolute, http or https, without credentials; for any other URL the label alone is returned
 */
export function link(label: string, url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username + parsed.password !== '') {
    return label
  }
  const path = parsed.href.slice(parsed.origin.length)
  // Renderers decode entities in a link's target too, and a backtick would start inline code.
  const safe = path
    .replaceAll(/[()|\\`[\]<>*_~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('&', '&amp;')
  return `[${label}](${parsed.origin}${safe})`
}

/** Formats a table. Cells are escaped Markdown; every row must be as wide as the head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => ':---')), ...rows.map(line)].join('\n')
}

/**
 * Formats facts as a table with one row each. The first fact is the head: without one, renderers show an empty row.
 *
 * @param facts a trusted name and escaped Markdown; facts without a value are left out
 * @returns empty when no fact has a value
 */
export function keyValueTable(facts: readonly (readonly [name: string, value: string | null])[]): string {
  const [first, ...rest] = facts.flatMap(([name, value]) => (value ? [[name, value]] : []))
  if (first === undefined) return ''
  return table(
    first,
    rest.map(([name, value]) => [`**${name}**`, value ?? '']),
  )
}

/**
 * Formats a folded section.
 *
 * @param title plain text, which may be untrusted: it is escaped as HTML
 * @param content escaped Markdown
 */
export function details(title: string, content: string): string {
  return `<details><summary>${escapeHtml(title)}</summary>\n\n${content}\n\n</details>`
}

function escapeHtml(text: string): string {
  return breakAutolinks(truncate(text, 200)).replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/**
 * Renderers find mentions, emoji and references in the rendered text, so escaping the Markdown does not prevent them.
 * They also find URLs (`www.`, `://`, `@`) behind an escape, and math between two dollar signs.
 * https://github.com/github/cmark-gfm/blob/master/extensions/autolink.c
 * https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
 */
function breakAutolinks(text: string): string {
  return text
    .replaceAll(/@|:(?=\/\/|[\w+-]+:)|www(?=\.)|#(?=\d)|\bgh(?=-\d)|\\(?=[([])/gi, `$&${wordJoiner}`)
    .replaceAll('$', `${wordJoiner}$$${wordJoiner}`)
}

function truncate(text: string, max: number): string {
  const isTooLong = text.length > max * 4
  const beginning = isTooLong ? text.slice(0, max * 4).replace(/[\ud800-\udbff]$/, '') : text
  const line = beginning.replaceAll(controlCharacters, ' ').trim().toWellFormed()
  const characters = [...line]
  return characters.length <= max && !isTooLong ? line : `${characters.slice(0, max).join('').trimEnd()}…`
}

function truncateLine(line: string): string {
  const beginning = line.slice(0, maxLineLength * 2)
  const clean = stripVTControlCharacters(beginning)
    .replaceAll('\t', '    ')
    .replaceAll(controlCharacters, ' ')
  const shown = clean.slice(0, maxLineLength).replace(/[\ud800-\udbff]$/, '')
  const isWhole = beginning.length === line.length && shown.length === clean.length
  return `${shown}${isWhole ? '' : '…'}`.toWellFormed()
}

/**
 * Only at spaces: GitHub hides secrets in a summary line by line, and would not find the two halves of one.
 *
 * @returns the line in parts; a word that is longer than a part stays whole
 */
function wrap(line: string): string[] {
  const parts: string[] = []
  let rest = line
  while (rest.length > maxBlockWidth) {
    const before = rest.lastIndexOf(' ', maxBlockWidth)
    const at = rest.slice(0, before + 1).trim() === '' ? rest.indexOf(' ', maxBlockWidth) : before
    const tail = at === -1 ? '' : rest.slice(at).trimStart()
    if (tail === '') break
    parts.push(rest.slice(0, at).trimEnd())
    rest = `${continuation}${tail}`
  }
  return [...parts, rest]
}

function longestRun(text: string): number {
  return Array.from(text.matchAll(/`+/g)).reduce((max, [run]) => Math.max(max, run.length), 0)
}
