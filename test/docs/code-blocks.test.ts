import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { diagramsIn } from '../report/charts/mermaid-blocks.ts'
import { parseDiagram } from '../report/charts/mermaid-parse.ts'
import { markedBlocks, reads } from './block-marks.ts'
import { checkSnippet } from './snippets.ts'

/** What users read. Pages for contributors are checked where they are written. */
const pages = ['README.md', 'docs/*.md', 'examples/README.md', 'deploy/**/README.md'].flatMap((pattern) =>
  globSync(pattern).sort(),
)
/** Output that a page shows, and diagrams. */
const notForCopying = ['text', 'mermaid']
const blocks = pages
  .flatMap((page) => markedBlocks(page, readFileSync(page, 'utf8')))
  .filter(({ language }) => !notForCopying.includes(language))
const isYaml = ({ language }: { language: string }) => ['yaml', 'yml'].includes(language)
const placeOf = ({ page, firstLine }: { page: string; firstLine: number }) => `${page}:${firstLine}`

describe('Every block to copy, in the README, docs, examples and deploy', () => {
  const yaml = blocks.filter(isYaml)

  test.each(yaml.map((block) => [placeOf(block), block] as const))(
    'The YAML at %s is one of our workflows, steps, inputs or config files and valid, or is marked.',
    (_, { text, testedBy, notRun }) => {
      expect(checkSnippet(text) || testedBy !== null || notRun !== null).toBe(true)
    },
  )

  test('Each other block has the mark <!-- tested by: FILE --> or <!-- not run: REASON --> right above it.', () => {
    const unmarked = blocks.filter(
      (block) => !isYaml(block) && block.testedBy === null && block.notRun === null,
    )
    expect(unmarked.map(placeOf)).toEqual([])
  })

  test('The file that a mark names exists and reads the page.', () => {
    const wrong = blocks.filter(({ testedBy, page }) => testedBy !== null && !reads(testedBy, page))
    expect(wrong.map(placeOf)).toEqual([])
  })

  test('Enough blocks are found for these tests to mean something.', () => {
    expect(pages.filter((page) => !existsSync(page))).toEqual([])
    expect(yaml.length).toBeGreaterThan(15)
    expect(blocks.filter(({ testedBy }) => testedBy !== null).length).toBeGreaterThan(8)
  })
})

test.each(pages.filter((page) => diagramsIn(readFileSync(page, 'utf8')).length > 0))(
  'Mermaid draws the diagrams of %s.',
  async (page) => {
    for (const diagram of diagramsIn(readFileSync(page, 'utf8'))) {
      expect(await parseDiagram(diagram)).toBeTruthy()
    }
  },
)

describe('The marks of blocks', () => {
  const marksOf = (above: string) =>
    markedBlocks('a.md', `${above}\n\`\`\`sh\nls\n\`\`\`\n`).map(({ testedBy, notRun }) => ({
      testedBy,
      notRun,
    }))

  test.each([
    ['<!-- tested by: test/a.test.ts -->', { testedBy: 'test/a.test.ts', notRun: null }],
    ['<!-- not run: needs an account -->\n', { testedBy: null, notRun: 'needs an account' }],
    ['<!-- not run: needs\nan account -->', { testedBy: null, notRun: 'needs an account' }],
    ['<!-- not run: why -->\nText between', { testedBy: null, notRun: null }],
    ['<!-- not run: -->', { testedBy: null, notRun: null }],
    ['', { testedBy: null, notRun: null }],
  ])('%j', (above, expected) => {
    expect(marksOf(above)).toEqual([expected])
  })

  test.each([
    ['an input that does not exist', 'input-dataset: acme/digits\ninput-modle: x\n', /no input input-modle/],
    ['a value that is not allowed', 'timeout: soon\n', /^timeout/],
    [
      'a step with an unknown input',
      '- uses: OWNER/auto-retrain@v1\n  with:\n    tokn: x\n',
      /no input tokn/,
    ],
    ['a config file with an unknown key', 'input_dataset: acme/digits\nmax_csot: 3\n', /max_csot/],
  ])('A snippet with %s is an error.', (_, text, message) => {
    expect(() => checkSnippet(text)).toThrow(message)
  })

  test('YAML of others is left to a mark.', () => {
    expect(checkSnippet('apiVersion: batch/v1\nkind: CronJob\n')).toBe(false)
  })
})
