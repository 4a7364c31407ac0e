/** Breaks up what a renderer would make a link, a mention or a reference of; it has no width and no meaning. */
const joiner = '\u2060'

const controls = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu

/**
 * Makes a text from outside safe to stand in a line of Markdown, as plain text: no emphasis, link, image, mention,
 * HTML, table cell, heading or math comes of it, on GitHub or on the Hub.
 * https://github.github.com/gfm/
 *
 * @param max characters that are kept
 */
export function plain(text: string, max = 500): string {
  return cut(text, max)
    .replaceAll(/[\\`*_{}[\]<>()#+\-!|~&$=^"']/g, '\\$&')
    .replaceAll(/@|:(?=\/\/)|www(?=\.)|\\#(?=\d)/gi, `$&${joiner}`)
    .replace(/^(\d+)([.)])/, '$1\\$2')
}

/**
 * The same for a name, a path or a line of code, in a fixed-width face. A bar is replaced by one that looks alike:
 * inside a table no form of it means the same to every renderer.
 *
 * @param max characters that are kept
 */
export function code(text: string, max = 200): string {
  const content = cut(text, max).replaceAll('|', '\u2502')
  if (content.trim() === '') return '(empty)'
  const fence = '`'.repeat(longestRun(content) + 1)
  const padding = /^[ `]|[ `]$/.test(content) ? ' ' : ''
  return `${fence}${padding}${content}${padding}${fence}`
}

/**
 * A block of text from outside, in a fence that it cannot close.
 *
 * @param lines control characters in them are taken out
 */
export function block(lines: readonly string[]): string {
  const content = lines.map((line) => line.replaceAll(controls, ' '))
  const fence = '`'.repeat(Math.max(3, ...content.map((line) => longestRun(line) + 1)))
  return [`${fence}text`, ...content, fence].join('\n')
}

/**
 * A link that we make ourselves.
 *
 * @param label Markdown that was made safe
 * @param url absolute, http or https; the label alone is returned for anything else
 */
export function link(label: string, url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return label
  return `[${label}](${parsed.href.replaceAll(/[()|\\]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)})`
}

/**
 * A table. Cells are Markdown that was made safe; rows of another width than the head are not made.
 *
 * @param head null for a table without one: GitHub then shows an empty line
 */
export function table(head: readonly string[] | null, rows: readonly (readonly string[])[]): string {
  const width = head?.length ?? rows[0]?.length ?? 0
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head ?? Array(width).fill(' ')), line(Array(width).fill('---')), ...rows.map(line)].join('\n')
}

/** A folded part. Both are Markdown that was made safe; the title is HTML to the renderer, so it holds words only. */
export function details(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`
}

function cut(text: string, max: number): string {
  const line = text
    .slice(0, max * 4)
    .replaceAll(controls, ' ')
    .trim()
  const characters = [...line]
  return characters.length <= max && text.length <= max * 4 ? line : `${characters.slice(0, max).join('')}…`
}

function longestRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length))
}
