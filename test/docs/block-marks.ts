import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type CodeBlock, codeBlocks } from '../../scripts/markdown-blocks.ts'

/** A block of code on a page, with what the page says about it. */
export interface MarkedBlock extends CodeBlock {
  readonly page: string
  /** The text of the heading above it; empty before the first. */
  readonly heading: string
  /** `<!-- tested by: FILE -->` right above it, or `<!-- blocks tested by: FILE -->` as the first line of the page. */
  readonly testedBy: string | null
  /** `<!-- not run: REASON -->` right above it. */
  readonly notRun: string | null
}

/**
 * The blocks of a page with their marks. A comment is not shown to readers.
 *
 * @param page path of the Markdown file, for the result
 */
export function markedBlocks(page: string, markdown: string): MarkedBlock[] {
  const lines = markdown.split('\n')
  const [, all = null] = /^<!-- blocks tested by: (\S+) -->$/.exec(lines[0] ?? '') ?? []
  const blocks = codeBlocks(markdown)
  const isCode = (line: number) =>
    blocks.some(({ firstLine, text }) => line >= firstLine && line < firstLine + text.split('\n').length)
  return blocks.map((block) => {
    const above = lines.slice(0, block.firstLine - 2)
    const comment = commentAbove(above)
    const heading = above.findLast((line, at) => /^#{1,6} /.test(line) && !isCode(at + 1)) ?? ''
    const [, testedBy = null] = /^tested by: (\S+)$/.exec(comment) ?? []
    const [, notRun = null] = /^not run: (\S.*)$/.exec(comment) ?? []
    return {
      ...block,
      page,
      heading: heading.replace(/^#+ /, ''),
      testedBy: testedBy ?? (notRun === null ? all : null),
      notRun,
    }
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

/** The text of a file and of those that it imports. */
export function textWithImports(file: string): string {
  const text = readFileSync(file, 'utf8')
  const imported = Array.from(text.matchAll(/ from '(\.[^']+)'/g), ([, path = '']) =>
    join(dirname(file), path),
  )
  return [
    text,
    ...imported.filter((each) => existsSync(each)).map((each) => readFileSync(each, 'utf8')),
  ].join('\n')
}

/** Whether a file reads the page: it, or a file that it imports, has the page's path. */
export function reads(file: string, page: string): boolean {
  return existsSync(file) && textWithImports(file).includes(page)
}

/**
 * Whether a test finds a block by its heading: it has the page's path and the heading, each as a text of its own.
 *
 * @param tests the texts of the tests, with those of their imports
 */
export function isFoundByHeading({ page, heading }: MarkedBlock, tests: readonly string[]): boolean {
  const has = (test: string, text: string) => test.includes(`'${text}'`) || test.includes(`"${text}"`)
  return heading !== '' && tests.some((test) => has(test, page) && has(test, heading))
}
