import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describe, expect, test } from '@jest/globals'

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(file))
const read = (file: string) => readFileSync(file, 'utf8')
const linesOf = (file: string) => read(file).split('\n').length - 1
const within = (folder: string, ending: RegExp) =>
  files.filter((file) => file.startsWith(folder) && ending.test(file))

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

describe('Size', () => {
  const sizes = within('src/', /\.ts$/).map((file) => ({ file, lines: linesOf(file) }))

  test('Half of the source files have fewer than 120 lines.', () => {
    const sorted = sizes.map(({ lines }) => lines).sort((a, b) => a - b)
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(120)
  })

  test('The programs that the runner starts only start.', () => {
    const programs = ['src/index.ts', 'src/post.ts'].filter((file) => existsSync(file))
    for (const file of programs) expect([file, linesOf(file) <= 25]).toEqual([file, true])
  })

  test('No folder of code has more than 12 files side by side.', () => {
    const folders = Map.groupBy(
      files.filter((file) => /^(?:src|test|bench|scripts|examples)\//.test(file)),
      (file) => dirname(file),
    )
    const full = [...folders].filter(([, inside]) => inside.length > 12).map(([folder]) => folder)
    expect(full).toEqual([])
  })

  test('No source file imports more than 25 others, and none exports more than 15 names.', () => {
    const count = (file: string, line: RegExp) => [...read(file).matchAll(line)].length
    const full = sizes.filter(({ file }) => count(file, /^import /gm) > 25 || count(file, /^export /gm) > 15)
    expect(full).toEqual([])
  })
})

test('No file is named for nothing: helpers, utils, common, misc.', () => {
  const named = files.filter((file) =>
    /^(?:helpers?|utils?|utilities|common|misc|shared)\b/.test(basename(file)),
  )
  expect(named).toEqual([])
})

describe('Dependencies', () => {
  interface LockEntry {
    integrity?: string
    resolved?: string
  }
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockEntry> }
  const entries = Object.entries(lock.packages).filter(([path]) => path !== '')

  test('The lock file names no registry.', () => {
    expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  })

  // npm installs an entry without a hash unchecked.
  // https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json#packages
  test('Every entry of the lock file has a SHA-512 hash.', () => {
    const unchecked = entries.filter(([, { integrity = '' }]) => !/^sha512-[\w+/]{86}==$/.test(integrity))
    expect(unchecked).toEqual([])
  })

  test('Every version is exact.', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides']) {
      for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
        expect([name, version]).toEqual([name, expect.stringMatching(/^(?:npm:[@\w/-]+@)?\d+\.\d+\.\d+$/)])
      }
    }
  })
})

describe('Scripts', () => {
  const documents = files.filter((file) => file.endsWith('.md'))

  test('Every npm script that a document names is there.', () => {
    const named = documents.flatMap((file) =>
      [...read(file).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = '']) => ({ file, script })),
    )
    expect(named.filter(({ script }) => !(script in scripts))).toEqual([])
  })

  test('Every script that checks something runs in CI.', () => {
    const ci = read('.ci/run')
    // `npm run check` and `npm run test:unit` run a part of what CI runs, for a quick answer.
    const quick = ['check', 'test:unit']
    const checks = Object.keys(scripts).filter((name) =>
      /^(?:test|typecheck|lint|check|chaos|demo|reality)/.test(name),
    )
    const run = (name: string) => new RegExp(`npm (?:run )?${name}(?![:\\w-])`).test(ci)
    expect(checks.filter((name) => !run(name))).toEqual(quick)
  })
})

describe('Tests', () => {
  const suites = within('test/', /\.test\.ts$/)
  const titlesOf = (file: string) =>
    [...read(file).matchAll(/^\s*(?:test|it)\(\s*(['"`])((?:(?!\1)[^\\\n]|\\.)*)\1/gm)].map(
      ([, , title = '']) => title,
    )

  test('No suite has two tests of the same title.', () => {
    const twice = suites.flatMap((file) => {
      const titles = titlesOf(file)
      return titles.filter((title, at) => titles.indexOf(title) !== at).map((title) => ({ file, title }))
    })
    expect(twice).toEqual([])
  })

  test('A title says what is, not what should be.', () => {
    const wishes = suites.flatMap((file) =>
      titlesOf(file)
        .filter((title) => /^should\b|\bworks\.?$/.test(title))
        .map((title) => ({ file, title })),
    )
    expect(wishes).toEqual([])
  })
})

describe('Secrets and the network', () => {
  test('Nothing outside of src/http, the adapters and the Hub client calls fetch by itself.', () => {
    const bare = within('src/', /\.ts$/).filter(
      (file) =>
        !/^src\/(?:http|relay\/adapters)\//.test(file) && /(?:await|return|=>?)\s+fetch\(/.test(read(file)),
    )
    expect(bare).toEqual([])
  })

  test('No source compares with === beside a secret or a signature: that takes longer the more is right.', () => {
    const compared = within('src/', /\.ts$/).flatMap((file) =>
      read(file)
        .split('\n')
        .filter((line) =>
          /\b(?:secret|signature|mac|digest)\b\s*[!=]==(?!\s*(?:''|undefined|null))/i.test(line),
        )
        .map((line) => `${file}: ${line.trim()}`),
    )
    expect(compared).toEqual([])
  })
})
