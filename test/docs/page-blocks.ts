import { readFileSync } from 'node:fs'
import { type CodeBlock, codeBlocks } from '../../scripts/markdown-blocks.ts'

/** A fenced block of a page, and where it stands. */
export interface PageBlock extends CodeBlock {
  /** The text of the heading above it; empty before the first. */
  readonly heading: string
  /** Why it is not run, from `<!-- not run: REASON -->` right above the block; null where there is none. */
  readonly notRun: string | null
}

/** Every fenced block of a Markdown file of this repository. */
export function pageBlocks(file: string): PageBlock[] {
  const text = readFileSync(file, 'utf8')
  const lines = text.split('\n')
  const blocks = codeBlocks(text)
  const isCode = (at: number) =>
    blocks.some(
      ({ firstLine, text: code }) => at + 1 >= firstLine && at + 1 < firstLine + code.split('\n').length,
    )
  return blocks.map((block) => {
    const above = lines.slice(0, block.firstLine - 2)
    const heading = above.findLast((line, at) => /^#{1,6} /.test(line) && !isCode(at)) ?? ''
    const [, reason = null] =
      /^<!-- not run: (.+) -->$/.exec(above.findLast((line) => line.trim() !== '') ?? '') ?? []
    return { ...block, heading: heading.replace(/^#+ /, ''), notRun: reason }
  })
}

/**
 * The text of a block of a page.
 *
 * @param options.part a text that only this block under the heading has. @default the first block
 * @throws Error when there is none
 */
export function blockUnder(file: string, options: { heading: string; part?: string }): string {
  const { heading, part = '' } = options
  const found = pageBlocks(file).find((block) => block.heading === heading && block.text.includes(part))
  if (found === undefined) throw new Error(`${file} has no block with "${part}" under "${heading}".`)
  return found.text
}
