import { JSDOM } from 'jsdom'

const blocks = new Set(['P', 'H1', 'H2', 'H3', 'H4', 'LI', 'PRE', 'DETAILS', 'SUMMARY', 'UL', 'OL'])

/**
 * Formats an HTML fragment for a terminal: tables in columns, links as their labels.
 *
 * @returns lines of at most about 110 columns
 */
export function asText(html: string): string {
  const { body } = new JSDOM(html).window.document
  return show(body)
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}

function show(node: Element): string {
  let text = ''
  for (const child of node.childNodes) {
    if (child.nodeType === 3) text += child.textContent?.replaceAll(/\s*\n\s*/g, ' ') ?? ''
    else if (child instanceof node.ownerDocument.defaultView!.Element) text += showElement(child)
  }
  return text
}

function showElement(element: Element): string {
  const name = element.tagName
  if (name === 'TABLE') return `\n${showTable(element)}\n`
  if (name === 'PRE' && element.querySelector('.language-mermaid')) return '\n  (a diagram: see the page)\n'
  if (name === 'PRE') return `\n${element.textContent}\n`
  if (name === 'DETAILS') return `\n  ▸ ${element.querySelector('summary')?.textContent ?? ''} (folded)\n`
  if (name === 'H2' || name === 'H3') return `\n\n${show(element).trim()}\n${'─'.repeat(60)}\n`
  const inner = show(element)
  return blocks.has(name) ? `\n${inner}\n` : inner
}

function showTable(table: Element): string {
  const rows = [...table.querySelectorAll('tr')].map((row) =>
    [...row.querySelectorAll('th, td')].map((cell) => show(cell).trim()),
  )
  const shown = rows.filter((row) => row.some((cell) => cell !== ''))
  const widths = (shown[0] ?? []).map((_, column) =>
    Math.max(...shown.map((row) => row[column]?.length ?? 0)),
  )
  return shown
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n')
}
