import { stripVTControlCharacters } from 'node:util'

/** Breaks up what a renderer would make a link, a mention or a reference of; it has no width and no meaning. */
const joiner = '\u2060'

/** Line ends, other control characters, and those that turn the direction of the text around them. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

const maxLineLength = 2000

/**
 * Makes a text from outside safe to stand in a line of Markdown, as plain text: no emphasis, link, image, mention,
 * emoji, HTML, table cell, heading or math comes of it, on GitHub or on the Hub.
 * https://github.github.com/gfm/
 *
 * @param max characters that are kept
 */
export function plain(text: string, max = 500): string {
  return breakUp(cut(text, max))
    .replaceAll(/[\\`*_{}[\]<>()#+\-!|~&$=^"']/g, '\\$&')
    .replace(/^(\d+)\./, '$1\\.')
}

/**
 * The same for a name, a path or a line of code, in a fixed-width face. A bar is replaced by one that looks alike:
 * inside a table no form of it means the same to every renderer.
 *
 * @param max characters that are kept
 */
export function code(text: string, max = 200): string {
  const content = cut(text, max).replaceAll('|', '\u2502')
  if (content === '') return '(empty)'
  const fence = '`'.repeat(longestRun(content) + 1)
  const padding = content.startsWith('`') || content.endsWith('`') ? ' ' : ''
  return `${fence}${padding}${content}${padding}${fence}`
}

/**
 * A block of text from outside, in a fence that it cannot close.
 *
 * @param lines control characters and colours in them are taken out; long ones are cut
 * @param maxBytes of the whole block: its last lines are kept, as many as fit
 */
export function block(lines: readonly string[], maxBytes = 60_000): string {
  const kept: string[] = []
  let bytes = 0
  for (const line of lines.toReversed()) {
    const shown = cutLine(line)
    bytes += Buffer.byteLength(shown) + 1
    // Room for the fences, which may be as long as the longest line.
    if (bytes > maxBytes - 2 * maxLineLength - 10) break
    kept.unshift(shown)
  }
  const longest = kept.reduce((max, line) => Math.max(max, longestRun(line)), 0)
  const fence = '`'.repeat(Math.max(3, longest + 1))
  return [`${fence}text`, ...kept, fence].join('\n')
}

/**
 * A link that we make ourselves.
 *
 * @param label Markdown that was made safe
 * @param url absolute, http or https, without a password; the label alone is returned for anything else
 */
export function link(label: string, url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username + parsed.password !== '') {
    return label
  }
  const path = parsed.href.slice(parsed.origin.length)
  // Entities are read in a link's target too, and a backtick would begin code in the middle of it.
  const safe = path
    .replaceAll(/[()|\\`[\]<>*_~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('&', '&amp;')
  return `[${label}](${parsed.origin}${safe})`
}

/** A table. Cells are Markdown that was made safe; rows of another width than the head are not made. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => ':---')), ...rows.map(line)].join('\n')
}

/**
 * Facts below each other; the first is the head, because a table without one begins with an empty line.
 *
 * @param facts a name of ours and Markdown that was made safe; those without a value are left out
 * @returns empty when there is none
 */
export function factRows(facts: readonly (readonly [name: string, value: string | null])[]): string {
  const [first, ...rest] = facts.flatMap(([name, value]) => (value ? [[name, value]] : []))
  if (first === undefined) return ''
  return table(
    first,
    rest.map(([name, value]) => [`**${name}**`, value ?? '']),
  )
}

/**
 * A folded part.
 *
 * @param title plain text, from wherever: it is HTML to the renderer, and is escaped here
 * @param content Markdown that was made safe
 */
export function details(title: string, content: string): string {
  return `<details><summary>${html(title)}</summary>\n\n${content}\n\n</details>`
}

/** Makes a text from outside safe to stand between two tags. */
function html(text: string): string {
  return breakUp(cut(text, 200)).replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/**
 * Mentions, emoji and references are looked for in the text that was rendered, so escaping the Markdown does not
 * keep them away. Addresses (`www.`, `://`, `@`) are also found behind an escape; math between two dollars.
 * https://github.com/github/cmark-gfm/blob/master/extensions/autolink.c
 * https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
 */
function breakUp(text: string): string {
  return text
    .replaceAll(/@|:(?=\/\/|[\w+-]+:)|www(?=\.)|#(?=\d)|\bgh(?=-\d)|\\(?=[([])/gi, `$&${joiner}`)
    .replaceAll('$', `${joiner}$$${joiner}`)
}

function cut(text: string, max: number): string {
  const cuts = text.length > max * 4
  const beginning = cuts ? text.slice(0, max * 4).replace(/[\ud800-\udbff]$/, '') : text
  const line = beginning.replaceAll(controls, ' ').trim().toWellFormed()
  const characters = [...line]
  return characters.length <= max && !cuts ? line : `${characters.slice(0, max).join('').trimEnd()}…`
}

function cutLine(line: string): string {
  const beginning = line.slice(0, maxLineLength * 2)
  const clean = stripVTControlCharacters(beginning).replaceAll('\t', '    ').replaceAll(controls, ' ')
  const shown = clean.slice(0, maxLineLength).replace(/[\ud800-\udbff]$/, '')
  const isWhole = beginning.length === line.length && shown.length === clean.length
  return `${shown}${isWhole ? '' : '…'}`.toWellFormed()
}

function longestRun(text: string): number {
  return Array.from(text.matchAll(/`+/g)).reduce((max, [run]) => Math.max(max, run.length), 0)
}
