import { readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { PNG } from 'pngjs'
import { codeBlocks } from '../../scripts/markdown-blocks.ts'
import { trainerNames } from '../../src/domain/recipe.ts'

const text = readFileSync('README.md', 'utf8')
const lines = text.split('\n')
const headings = lines.filter((line) => /^## /.test(line)).map((line) => line.slice(3))
/** What a reader sees before scrolling far: everything above the first section. */
const firstScreen = text.slice(0, text.indexOf('\n## '))

function wordsOutsideCode(markdown: string): number {
  const rest = markdown.split('\n')
  for (const { firstLine, text: code } of codeBlocks(markdown)) {
    rest.fill('', firstLine - 2, firstLine + code.split('\n').length - 1)
  }
  return rest.join(' ').split(/\s+/).filter(Boolean).length
}

describe('The README', () => {
  test('It has at most 1,200 words outside of code blocks.', () => {
    expect(wordsOutsideCode(text)).toBeLessThanOrEqual(1200)
    expect(wordsOutsideCode('# A b\n\n```sh\nc d\n```\n\ne')).toBe(4)
  })

  test('Its sections are in the order of a first visit.', () => {
    expect(headings).toEqual([
      'Start',
      'Requirements',
      'What it costs',
      'Try it without an account',
      'Where to go on',
    ])
  })

  test('It has no table of inputs: docs/inputs.md is generated.', () => {
    expect(text).not.toMatch(/^\| Input /m)
  })

  test('It names the commands that run the demo and the tests, and .ci/run runs them.', () => {
    const [commands = ''] = codeBlocks(text).flatMap((block) => (block.language === 'sh' ? [block.text] : []))
    const named = commands.split('\n').map((line) => line.replace(/ *#.*$/, ''))
    expect(named).toEqual(['npm ci && npm run demo', 'npm ci && npm test', ''])
    const ci = readFileSync('.ci/run', 'utf8')
    for (const command of ['npm ci', 'npm run demo', 'npm test']) expect(ci).toContain(` ${command}`)
  })

  test('It ends with three links onwards.', () => {
    const last = text.slice(text.indexOf('## Where to go on'))
    expect(last.match(/^- \[/gm)).toHaveLength(3)
  })
})

describe('The first screen of the README', () => {
  test('It is short: one sentence, a picture, five bullets and a table.', () => {
    expect(firstScreen.split('\n').length).toBeLessThan(40)
    expect(lines[2]).toMatch(/^[A-Z][^.]+\.$/)
    expect(lines[3]).toBe('')
    expect(firstScreen.match(/^- \*\*/gm)).toHaveLength(5)
  })

  test('Its table has every trainer that is not retired.', () => {
    const named = [...firstScreen.matchAll(/^\| [^|]+ \| `([\w-]+)`/gm)].slice(1).map(([, name]) => name)
    expect(named).toEqual(trainerNames.filter((name) => name !== 'autotrain-classic'))
  })

  test('Its picture is there for light and dark screens, in the same size and below 150 kB.', () => {
    const pictures = Array.from(firstScreen.matchAll(/(?:src|srcset)="([^"]+)"/g), ([, file = '']) => file)
    expect(pictures.map((file) => /-(light|dark)\.png$/.exec(file)?.[1])).toEqual(['dark', 'light'])
    const [dark, light] = pictures.map((file) => PNG.sync.read(readFileSync(file)))
    expect([dark?.width, dark?.height]).toEqual([light?.width, light?.height])
    expect(pictures.filter((file) => statSync(file).size > 150_000)).toEqual([])
    // The corner is the page: dark on one picture, light on the other.
    expect([dark?.data[0] ?? 255, light?.data[0] ?? 0]).toEqual([13, 255])
  })

  test('The picture has words for those who cannot see it.', () => {
    expect(/ alt="([^"]+)"/.exec(firstScreen)?.[1]?.length).toBeGreaterThan(100)
  })
})
