import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, test } from '@jest/globals'
import { diagramsIn } from '../report/charts/mermaid-blocks.ts'
import { parseDiagram } from '../report/charts/mermaid-parse.ts'

const page = readFileSync('docs/architecture.md', 'utf8')
const named = new Set(Array.from(page.matchAll(/`([^`@\s]+)`/g), ([, name = '']) => name))
const rooms = readdirSync('src', { withFileTypes: true })

describe('docs/architecture.md', () => {
  test('Every folder and file that it names exists.', () => {
    const paths = [...named].filter((name) => name.includes('/') || /\.(?:ts|js|cjs|json|yml|md)$/.test(name))
    expect(paths.length).toBeGreaterThan(30)
    expect(paths.filter((path) => !existsSync(path))).toEqual([])
  })

  test('Every link leads to a file.', () => {
    const links = Array.from(page.matchAll(/\]\(([\w./-]+)\)/g), ([, link = '']) => `docs/${link}`)
    expect(links.length).toBeGreaterThan(0)
    expect(links.filter((link) => !existsSync(link))).toEqual([])
  })

  test('It describes every folder of src in its tree.', () => {
    const folders = rooms.filter((entry) => entry.isDirectory()).map(({ name }) => name)
    expect(folders.filter((name) => !page.includes(`\n| \`src/${name}/\` | `))).toEqual([])
  })

  test('Its diagrams are diagrams that GitHub can draw.', async () => {
    const diagrams = diagramsIn(page)
    const kinds = await Promise.all(diagrams.map(parseDiagram))
    expect(kinds).toEqual(['flowchart-v2', 'sequence'])
  })

  test('It draws the import floors that the linter checks.', () => {
    const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs')
    const [drawn = ''] = diagramsIn(page)
    const floors = drawn
      .split('\n')
      .flatMap((line) => /--> (?:\w+\["(.*)"\]|(\w+))$/.exec(line)?.slice(1).find(Boolean) ?? [])
      .map((floor) => floor.split(', '))
    const below = [['domain'], ...floors]
    const drawnRules = below.flatMap((names, at) =>
      names.map((room) => [`^src/${room}/`, [room, ...below.slice(0, at).flat()].join('|')]),
    )
    const rules = forbidden
      .filter(({ name }: { name: string }) => name.endsWith('-imports-only-from-below'))
      .map(({ from, to }: { from: { path: string }; to: { pathNot: string } }) => [
        from.path,
        /\?:(.*)\)\//.exec(to.pathNot)?.[1],
      ])
    expect(drawnRules).toEqual(rules)
  })
})
