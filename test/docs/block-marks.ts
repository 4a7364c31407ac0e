import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type CodeBlock, codeBlocks } from '../../scripts/markdown-blocks.ts'

/** A block of code on a page, with what the page says about it. */
export interface MarkedBlock extends CodeBlock {
  readonly page: string
  /** The file of `<!-- tested by: FILE -->` right above it. */
  readonly testedBy: string | null
  /** The reason of `<!-- not run: REASON -->` right above it. */
  readonly notRun: string | null
}

/**
 * The blocks of a page with their marks. A comment is not shown to readers.
 *
 * @param page path of the Markdown file, for the result
 */
export function markedBlocks(page: string, markdown: string): MarkedBlock[] {
  const lines = markdown.split('\n')
  return codeBlocks(markdown).map((block) => {
    const comment = commentAbove(lines.slice(0, block.firstLine - 2))
    const [, testedBy = null] = /^tested by: (\S+)$/.exec(comment) ?? []
    const [, notRun = null] = /^not run: (\S.*)$/.exec(comment) ?? []
    return { ...block, page, testedBy, notRun }
  })
}

/** The text of the comment that the lines end with; empty when they end with something else. */
function commentAbove(lines: readonly string[]): string {
  const end = lines.findLastIndex((line) => line.trim() !== '')
  if (end < 0 || !lines[end]?.trimEnd().endsWith('-->')) return ''
  const begin = lines.findLastIndex((line, at) => at <= end && line.trimStart().startsWith('<!--'))
  const text = lines
    .slice(begin, end + 1)
    .map((line) => line.trim())
    .join(' ')
  return text.slice('<!--'.length, -'-->'.length).trim()
}

/** Whether a file reads the page: it, or a file that it imports, has the page's path. */
export function reads(file: string, page: string): boolean {
  if (!existsSync(file)) return false
  const text = readFileSync(file, 'utf8')
  const imported = Array.from(text.matchAll(/ from '(\.[^']+)'/g), ([, path = '']) =>
    join(dirname(file), path),
  )
  return [file, ...imported].some((each) => existsSync(each) && readFileSync(each, 'utf8').includes(page))
}
