import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { globsProblem } from '../../../src/recipe/hints/glob-problem.ts'
import { pathRule } from '../../../src/recipe/paths.ts'
import { resolveRecipes } from '../../../src/recipe/resolve.ts'
import { refusalOf } from '../refusal.ts'

const names = { 'input-dataset': 'acme/pets', 'input-model': 'gpt2', 'target-namespace': 'acme' }

describe('A pattern that could never match is refused with the right form:', () => {
  test.each([
    ['- docs/**', 'taken as text, not as an entry of a YAML list', 'docs/**'],
    ['- "docs/**"', 'taken as text, not as an entry of a YAML list', 'docs/**'],
    ['!- docs/**', 'taken as text, not as an entry of a YAML list', '!docs/**'],
    ['• docs/**', 'taken as text, not as an entry of a YAML list', 'docs/**'],
    ['"docs/**"', 'quotes around it', 'docs/**'],
    ["'docs/**'", 'quotes around it', 'docs/**'],
    ['`docs/**`', 'quotes around it', 'docs/**'],
    ['“docs/**”', 'quotes around it', 'docs/**'],
    ['!"docs/**"', 'quotes around it', '!docs/**'],
    ['docs/**,', 'a comma in it', 'docs/**'],
    ['docs/**, README.md', 'a comma in it', 'docs/** and README.md, each on a line of its own'],
    ['docs/**;notes/**', 'a separator in it', 'docs/** and notes/**, each on a line of its own'],
    ['docs/** README.md', 'a space after **', 'docs/** and README.md, each on a line of its own'],
    [
      '["docs/**", "README.md"]',
      'taken as text, not as a list',
      'docs/** and README.md, each on a line of its own',
    ],
    ['[docs/**]', 'taken as text, not as a list', 'docs/**'],
    ['/docs/**', 'begins with a slash', 'docs/**'],
    ['./docs/**', 'begins with a slash', 'docs/**'],
    ['!/docs/**', 'begins with a slash', '!docs/**'],
    ['docs//**', 'an empty folder name', 'docs/**'],
    ['docs/./a.md', 'an empty folder name', 'docs/a.md'],
    ['../docs/**', '.. in it', 'docs/**'],
    ['docs\\**', 'a backslash', 'docs/**'],
    ['docs\\en\\*.md', 'a backslash', 'docs/en/*.md'],
    ['docs/\\*.md', 'a backslash', 'docs/*.md'],
    ['^docs/', 'is a regular expression', 'docs/'],
    ['docs/.*\\.md', 'is a regular expression', 'docs/*.md'],
    ['! docs/**', 'an exclamation mark', '!docs/**'],
    ['docs/** # the manual', 'a comment', 'docs/**'],
    ['paths: docs/**', 'the name of the key', 'docs/**'],
    ['paths-ignore: docs/**', 'the name of the key', 'docs/**'],
    ['https://hub.test/datasets/acme/pets/tree/main/docs/**', 'is no path inside the dataset', 'docs/**'],
    ['datasets/acme/pets/tree/main/docs/**', 'is no path inside the dataset', 'docs/**'],
    ['{docs/**, notes/**}', 'spaces in braces', '{docs/**,notes/**}'],
    ['{docs/**}', 'braces around a single pattern', 'docs/**'],
  ])('%s', (glob, why, right) => {
    const sentence = refusalOf(() =>
      resolveRecipes({ file: null, inputs: { ...names, 'paths-ignore': glob } }),
    )
    expect(sentence).toMatch(/^paths-ignore has /)
    expect(sentence).toContain(why)
    expect(sentence).toMatch(/: write [^\n]+\.$/)
    expect(sentence.endsWith(`: write ${right}.`)).toBe(true)
  })

  test.each(['# docs', '/', '!', '.', '[z-a]', '{docs/**,', '('])('%s, for which there is none', (glob) => {
    expect(globsProblem([glob], 'input')).toMatch(/^has .+, which .+\.$/)
  })
})

test('Every line of a list is in the right form, so that it can be copied.', () => {
  const inputs = { ...names, 'paths-ignore': '- docs/**\n- README.md\nraw/**\n' }
  expect(refusalOf(() => resolveRecipes({ file: null, inputs }))).toBe(
    'paths-ignore has "- docs/**", which is taken as text, not as an entry of a YAML list: ' +
      'write docs/** and README.md and raw/**, each on a line of its own.',
  )
})

test('A list in brackets on several lines is shown as lines.', () => {
  const paths = '[\n  "docs/**",\n  "README.md"\n]'
  expect(refusalOf(() => resolveRecipes({ file: null, inputs: { ...names, paths } }))).toMatch(
    /, which is taken as text, not as a list: write docs\/\*\* and README\.md, each on a line of its own\.$/,
  )
})

test('In a file the right form is an array.', () => {
  const values = { input_dataset: 'acme/pets', input_model: 'gpt2', target_namespace: 'acme' }
  const text = JSON.stringify({ recipes: [{ ...values, paths: ['/docs/**', 'a.csv'] }] })
  expect(refusalOf(() => resolveRecipes({ file: { path: 'a.json', text }, inputs: {} }))).toBe(
    'a.json, recipe 1: paths has "/docs/**", which begins with a slash (patterns begin at the first folder): ' +
      'write ["docs/**","a.csv"].',
  )
})

test.each([
  'docs/**',
  '!docs/**',
  'docs/',
  'docs',
  '*',
  '**/*.{jpg,png}',
  '{train,test}/**',
  '{1..3}/*.csv',
  '@(a|b)/**',
  '!(docs)/**',
  'data/[!a]*',
  '[0-9].png',
  "it's a file.csv",
  'my photos/**',
  '-docs/**',
  'a-b #1.png',
  'v1.0/**',
  '数据/**',
  'C++/**',
  'datasets/**',
  'datasets/en/train/*.csv',
])('%s is a pattern.', (glob) => {
  expect(globsProblem([glob], 'input')).toBeNull()
})

test('What is shown as the right form is right itself.', () => {
  const part = fc.constantFrom(
    '- ',
    'docs',
    '/',
    '**',
    '*.md',
    ',',
    ', ',
    '"',
    "'",
    '[',
    ']',
    '{',
    '}',
    '!',
    '\\',
    '.',
    ' ',
    '#',
    '(',
    ')',
    '|',
    ';',
    '^',
    '$',
    '\n',
  )
  const typed = fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(typed, (text) => {
      const globs = text.split('\n').flatMap((line) => line.trim() || [])
      const problem = globsProblem(globs, 'file')
      const [, right] = /: write (\[.*\])\.$/.exec(problem ?? '') ?? []
      if (problem === null) pathRule({ paths: globs, pathsIgnore: [] })('docs/a.md')
      else expect(problem).toMatch(/^has [^\n]+\.$/)
      if (right === undefined) return
      expect(globsProblem(JSON.parse(right) as string[], 'file')).toBeNull()
    }),
    { numRuns: 2000, examples: [['{[.]}'], ['{[a.b]}'], ['[.]'], ['[*.md]'], ['{[*.md]}'], ['- []- \n)]']] },
  )
})

test.each(['[', '{', '(', '!', '\\', '- ', '"', ',', '{,', '**', ' #', '../', '|*', ' ,}'])(
  'A list of long patterns is judged in time that grows with it: %s',
  (unit) => {
    const glob = unit.repeat(500).slice(0, 500)
    const list = Array.from({ length: 200 }, () => glob)
    expect(globsProblem(list, 'input') ?? 'has').toMatch(/^has/)
  },
)
