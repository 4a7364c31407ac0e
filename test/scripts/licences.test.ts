import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { bundledPackages, licencesOf } from '../../scripts/licences.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'licences-'))
  write('LICENSE', 'MIT License\n\nCopyright (c) us\n\nPermission is hereby granted, free of charge.\n')
})

afterEach(() => rmSync(root, { recursive: true }))

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}

interface Package {
  version?: string
  license?: string
  files?: Record<string, string>
}

/** Installs packages in the versions of the lock file. */
function install(packages: Record<string, Package>): void {
  const lock: Record<string, object> = {}
  for (const [path, { version = '1.0.0', license = 'MIT', files = {} }] of Object.entries(packages)) {
    lock[path] = { version, license }
    write(join(path, 'package.json'), JSON.stringify({ version, license }))
    for (const [name, text] of Object.entries(files)) write(join(path, name), text)
  }
  write('package-lock.json', JSON.stringify({ packages: lock }))
}

describe('Packages of a bundle', () => {
  test('Each package with a module in the bundle is listed once, in order.', () => {
    const modules = [
      { nameForCondition: '/a/lib/index.js' },
      { nameForCondition: null },
      { nameForCondition: '/a/node_modules/zod/a.js' },
      { nameForCondition: '/a/lib/main.js', modules: [{ nameForCondition: '/a/node_modules/@b/c/d/e.js' }] },
      { nameForCondition: '/a/node_modules/zod/b.js' },
    ]
    expect(bundledPackages({ modules })).toEqual(['node_modules/@b/c', 'node_modules/zod'])
  })

  test('A second version of a package is listed under its own path.', () => {
    const modules = [{ nameForCondition: '/a/node_modules/@b/c/node_modules/@d/e/f.js' }]
    expect(bundledPackages({ modules })).toEqual(['node_modules/@b/c/node_modules/@d/e'])
  })
})

describe('Licences of a bundle', () => {
  test('Each package has its name, version, licence, notice and the text of its licence.', () => {
    install({
      'node_modules/zod': { version: '4.0.0', files: { LICENSE: 'Zod terms.\r\n' } },
      'node_modules/a/node_modules/@b/c': {
        license: 'Apache-2.0',
        files: { 'license.md': 'C terms.\n', NOTICE: 'C notice.\n' },
      },
    })
    const packages = ['node_modules/a/node_modules/@b/c', 'node_modules/zod']
    expect(licencesOf({ packages, root }).split(/\n-+\n\n/)).toEqual([
      '@b/c 1.0.0 (Apache-2.0)\n\nC notice.\n\nC terms.\n',
      'zod 4.0.0 (MIT)\n\nZod terms.\n',
    ])
  })

  test.each([
    ['## License\n\nCopyright (c) A\n\nPermission is hereby granted.\n'],
    ['License\n-------\n\nCopyright (c) A\n\nPermission is hereby granted.\n\n[a]: https://a.test\n'],
    ['# License\n\nCopyright (c) A\n\nPermission is hereby granted.\n\n## More\n\nText.\n'],
  ])('A licence without a file is read from the README: %j.', (readme) => {
    install({ 'node_modules/a': { files: { 'README.md': `# A\n\nText.\n\n${readme}` } } })
    expect(licencesOf({ packages: ['node_modules/a'], root })).toBe(
      'a 1.0.0 (MIT)\n\nCopyright (c) A\n\nPermission is hereby granted.\n',
    )
  })

  test('A package that only names the MIT License gets its terms.', () => {
    install({ 'node_modules/a': { files: { 'README.md': '# A\n\n## License\n\nMIT\n' } } })
    expect(licencesOf({ packages: ['node_modules/a'], root })).toBe(
      'a 1.0.0 (MIT)\n\nThe package has no licence file; its package.json names the MIT License.\n\nPermission is hereby granted, free of charge.\n',
    )
  })

  test('A licence that is not allowed is an error that lists the allowed ones.', () => {
    install({ 'node_modules/a': { license: 'GPL-3.0', files: { LICENSE: 'Terms.' } } })
    expect(() => licencesOf({ packages: ['node_modules/a'], root })).toThrow(
      /^a 1\.0\.0 has the licence GPL-3\.0; a bundled package has one of MIT, ISC, /,
    )
  })

  test('A licence without a text is an error.', () => {
    install({ 'node_modules/a': { license: 'ISC' } })
    expect(() => licencesOf({ packages: ['node_modules/a'], root })).toThrow(
      'node_modules/a has no licence file: add the text of ISC here.',
    )
  })

  test('A package that is not installed as locked is an error.', () => {
    install({ 'node_modules/a': {} })
    write('node_modules/a/package.json', '{"version": "2.0.0"}')
    expect(() => licencesOf({ packages: ['node_modules/a'], root })).toThrow(
      'node_modules/a is 2.0.0, and package-lock.json has 1.0.0: run npm ci.',
    )
  })
})
