import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { licencesOf } from '../../scripts/licences.ts'
import { programFiles } from '../../scripts/walk/program-files.ts'

interface LockEntry {
  version: string
  license: string
  dev?: boolean
  optional?: boolean
}
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockEntry> }

/** The packages that may be bundled: a development dependency may not. */
const production = Object.entries(lock.packages).filter(
  ([path, { dev, optional }]) => path !== '' && dev !== true && optional !== true,
)

/** Where each program is, once it is bundled with its licences: `npm run check-dist` shows that it is. */
const bundles = [
  { program: 'src/index.ts', list: 'dist/licenses.txt' },
  { program: 'src/relay/adapters/node-start.ts', list: 'dist/relay/licenses.txt' },
].filter(({ list }) => existsSync(list))

/** The lines that begin a section: `zod 4.6.7 (MIT)`. */
const headings = (text: string) =>
  Array.from(text.matchAll(/(?:^|-\n\n)(\S+ \S+ \(\S+\))\n/g), ([, line]) => line)

describe('Licences', () => {
  test('Every package that may be bundled has an allowed licence with its text.', () => {
    const packages = production.map(([path]) => path)
    expect(packages.length).toBeGreaterThan(30)
    expect(headings(licencesOf({ packages, root: '.' })).length).toBe(packages.length)
  })

  test('dist lists every package that a program imports.', () => {
    for (const { program, list } of bundles) {
      const listed = headings(readFileSync(list, 'utf8')).map((heading) => heading?.split(' ')[0])
      const { packages } = programFiles(program)
      expect(packages.length).toBeGreaterThan(2)
      expect([list, packages.filter((name) => !listed.includes(name))]).toEqual([list, []])
    }
  })

  test('dist lists the versions of the lock file.', () => {
    const locked = production.map(
      ([path, { version, license }]) => `${path.replace(/^.*node_modules\//, '')} ${version} (${license})`,
    )
    for (const { list } of bundles) {
      const listed = headings(readFileSync(list, 'utf8'))
      expect([list, listed.filter((heading) => !locked.includes(heading ?? ''))]).toEqual([list, []])
    }
  })
})
