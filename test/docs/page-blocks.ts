import { readFileSync } from 'node:fs'
import { codeBlocks } from '../../scripts/markdown-blocks.ts'

/**
 * The text of a block of code on a page.
 *
 * @param file path of the Markdown file
 * @param options.heading the text of the last heading above the block
 * @param options.part a text that only this block under the heading has. @default any: the first block
 * @throws Error when there is none
 */
export function blockUnder(file: string, options: { heading: string; part?: string }): string {
  const { heading, part = '' } = options
  const markdown = readFileSync(file, 'utf8')
  const blocks = codeBlocks(markdown)
  const lines = markdown.split('\n')
  // Comments in scripts look like headings.
  for (const { firstLine, text } of blocks)
    lines.fill('', firstLine - 1, firstLine + text.split('\n').length - 2)
  const headingOf = (firstLine: number) => lines.slice(0, firstLine).findLast((line) => /^#+ /.test(line))
  const found = blocks.find(
    ({ firstLine, text }) => headingOf(firstLine)?.replace(/^#+ /, '') === heading && text.includes(part),
  )
  if (found === undefined) throw new Error(`${file} has no block with "${part}" under "${heading}".`)
  return found.text
}
