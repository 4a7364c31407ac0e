import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, normalize } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { codeBlocks } from '../../scripts/markdown-blocks.ts'

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file.endsWith('.md') && !file.startsWith('test/') && existsSync(file))

/** A page without its code, in which neither links nor headings count. */
function proseOf(markdown: string): string {
  const lines = markdown.split('\n')
  for (const { firstLine, text } of codeBlocks(markdown)) {
    lines.fill('', firstLine - 1, firstLine - 1 + text.split('\n').length - 1)
  }
  return lines.join('\n')
}

/** The anchors that GitHub gives to headings: in lower case, without punctuation, with hyphens for spaces. */
function anchorsOf(markdown: string): string[] {
  const seen = new Map<string, number>()
  return Array.from(proseOf(markdown).matchAll(/^#{1,6} +(.+)$/gm), ([, heading = '']) => {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  })
}

/** Links and pictures to files of this repository. */
function linksOf(markdown: string): string[] {
  const prose = proseOf(markdown).replaceAll(/`[^`\n]*`/g, '')
  const found = [...prose.matchAll(/\]\(([^)\s]+)\)/g), ...prose.matchAll(/(?:src|srcset|href)="([^"]+)"/g)]
  return found.map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link))
}

/** What is wrong with a link; null: nothing. */
function problemOf(file: string, link: string): string | null {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? file : normalize(`${dirname(file)}/${path}`)
  if (!existsSync(target)) return `${file}: ${link} leads to no file`
  if (anchor === undefined || statSync(target).isDirectory()) return null
  return anchorsOf(readFileSync(target, 'utf8')).includes(anchor)
    ? null
    : `${file}: ${link} has no such heading`
}

test.each(files)(
  'Every link of %s to this repository leads to a file, and its anchor to a heading.',
  (file) => {
    const problems = linksOf(readFileSync(file, 'utf8')).map((link) => problemOf(file, link))
    expect(problems.filter((problem) => problem !== null)).toEqual([])
  },
)

test('Links of action.yml lead from the root of the repository to a file, and their anchors to a heading.', () => {
  const links = linksOf(readFileSync('action.yml', 'utf8'))
  expect(links.length).toBeGreaterThan(3)
  expect(links.map((link) => problemOf('action.yml', link)).filter((problem) => problem !== null)).toEqual([])
})

test('docs/README.md lists every page of the folder.', () => {
  const listed = linksOf(readFileSync('docs/README.md', 'utf8'))
  const pages = files.filter((file) => /^docs\/[^/]+\.md$/.test(file) && file !== 'docs/README.md')
  expect(pages.map((file) => file.slice('docs/'.length)).filter((name) => !listed.includes(name))).toEqual([])
})

describe('How links are read', () => {
  test.each([
    ['## What `max-cost` is', 'what-max-cost-is'],
    ['## Why not only GitHub’s schedule?', 'why-not-only-githubs-schedule'],
    ['## `[tool.hf-jobs]` in the header', 'toolhf-jobs-in-the-header'],
  ])('The anchor of %s is as on GitHub.', (heading, anchor) => {
    expect(anchorsOf(heading)).toEqual([anchor])
  })

  test('A second heading of the same text has a number, and a comment in a script is no heading.', () => {
    expect(anchorsOf('## A\n\n```sh\n# B\n```\n\n## A\n')).toEqual(['a', 'a-1'])
  })

  test('A link to a file or a heading that is not there is a problem.', () => {
    expect(problemOf('README.md', 'docs/nowhere.md')).toMatch(/leads to no file/)
    expect(problemOf('README.md', 'docs/publish.md#nowhere')).toMatch(/has no such heading/)
    expect(problemOf('README.md', 'docs/publish.md#the-gate')).toBeNull()
  })
})
