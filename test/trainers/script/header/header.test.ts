import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type HeaderReading,
  readScriptHeader,
  type ScriptHeader,
} from '../../../../src/trainers/script/header/header.ts'

const script = (...lines: string[]) => ['# /// script', ...lines, '# ///', 'print("ran")', ''].join('\n')
const good = script('# dependencies = ["torch"]')

const problemOf = (text: string): { line: number | null; message: string } => {
  const reading = readScriptHeader(text)
  return reading.isRead ? { line: null, message: 'none' } : reading.problem
}
const headerOf = (reading: HeaderReading): ScriptHeader | null => (reading.isRead ? reading.header : null)

describe('A header is read', () => {
  test.each<[string, string, readonly string[]]>([
    ['at the top', good, ['torch']],
    [
      'after a shebang, a docstring and code',
      `#!/usr/bin/env -S uv run\n"""Trains."""\nimport os\n${good}`,
      ['torch'],
    ],
    ['with the line ends of Windows', good.replaceAll('\n', '\r\n'), ['torch']],
    ['when the file ends right after it', good.slice(0, good.indexOf('\nprint')), ['torch']],
    ['with an empty comment line inside', script('# dependencies = [', '#', '# "torch",', '# ]'), ['torch']],
    ['with a comment of TOML', script('# # packages', '# dependencies = ["torch"] # one'), ['torch']],
    [
      'with comments right after it',
      `${script('# dependencies = ["torch"]').replace('print', '# print')}`,
      ['torch'],
    ],
    ['with a comment without a space right after it', good.replace('print', '#print'), ['torch']],
    ['beside a block of another type', `# /// pyproject\n# x = ]\n# ///\n\n${good}`, ['torch']],
    ['beside an unclosed block of another type', `# /// other\n# x\n\n${good}`, ['torch']],
    ['with a second opening that closes nowhere', `${good}"""\n# /// script\n"""\n`, ['torch']],
    ['with nothing in it', '# /// script\n# ///\n', []],
    [
      'with a line separator of Unicode in a comment',
      script('# # a\u2028b', '# dependencies = ["torch"]'),
      ['torch'],
    ],
    [
      'with a number beyond 2 to the 53',
      script('# dependencies = ["torch"]', '# [tool.x]', '# a = 9007199254740993'),
      ['torch'],
    ],
    [
      'with a key that JavaScript has its own meaning for',
      script('# dependencies = ["torch"]', '# [tool.__proto__]', '# constructor = 1'),
      ['torch'],
    ],
  ])('%s.', (_, text, dependencies) => {
    expect(headerOf(readScriptHeader(text))).toMatchObject({ hasBlock: true, dependencies })
  })

  test.each<[string, string]>([
    ['is empty', ''],
    ['has only code', 'print(1)\n'],
    ['has a block of another type only', '# /// pyproject\n# x = 1\n# ///\n'],
    ['shows an indented header in a text', '"""\n    # /// script\n    # ///\n"""\n'],
    ['speaks of scripts in a comment', '# a script\n# /// scripts\n'],
  ])('as missing where the script %s.', (_, text) => {
    expect(headerOf(readScriptHeader(text))).toEqual({
      hasBlock: false,
      dependencies: [],
      requiresPython: null,
      uv: { excludeNewer: null, requiredVersion: null, indexes: [], gitSources: [], localSources: [] },
      hfJobs: null,
    })
  })

  test('with all that it says about Python, uv and Jobs.', () => {
    const text = script(
      '# requires-python = " >=3.11,<4 "',
      '# dependencies = ["a", "b", "c"]',
      '# [tool.uv]',
      '# exclude-newer = "2026-01-31T00:00:00Z"',
      '# required-version = ">=0.13"',
      '# index-url = "https://one.example/simple"',
      '# [[tool.uv.index]]',
      '# url = "https://two.example/simple"',
      '# [tool.uv.sources]',
      '# a = { git = "https://git.example/a" }',
      '# b = [{ path = "../b", marker = "os_name == \'posix\'" }]',
      '# [tool.hf-jobs]',
      '# flavor = "t4-small"',
      '# timeout = 3600',
    )
    expect(headerOf(readScriptHeader(text))).toEqual({
      hasBlock: true,
      dependencies: ['a', 'b', 'c'],
      requiresPython: '>=3.11,<4',
      uv: {
        excludeNewer: '2026-01-31T00:00:00Z',
        requiredVersion: '>=0.13',
        indexes: ['https://two.example/simple', 'https://one.example/simple'],
        gitSources: ['a'],
        localSources: ['b'],
      },
      hfJobs: { flavor: 't4-small', timeout: 3600 },
    })
  })
})

const bad = '# dependencies = ["torch"]'

describe('A header is a problem', () => {
  test.each<[string, string, number | null, RegExp]>([
    ['behind a byte-order mark', `\ufeff${good}`, 1, /begins with a byte-order mark.*save it without/],
    [
      'that is not closed',
      `# /// script\n${bad}\nprint(1)\n`,
      1,
      /opened and not closed: end it with the line # \/\/\/$/,
    ],
    ['that is not closed before a good one', `# /// script\n${bad}\n\n${good}`, 3, /does not begin with #/],
    ['with a line that lacks the space after #', script(bad, '#x = 1'), 3, /needs a space after #/],
    ['with a tab after #', script('#\tdependencies = []'), 2, /needs a space after #/],
    ['with a closing line that lacks the space', `# /// script\n${bad}\n#///\n`, 3, /needs a space after #/],
    [
      'with spaces after its closing line',
      `# /// script\n${bad}\n# /// \n`,
      3,
      /exactly # \/\/\/, with nothing after it/,
    ],
    ['with too few slashes in its closing line', `# /// script\n${bad}\n# //\n`, 3, /exactly # \/\/\//],
    [
      'with an empty line inside',
      `# /// script\n${bad}\n\n# x = 1\n# ///\n`,
      3,
      /does not begin with #.*even an empty one/,
    ],
    ['with code inside', `# /// script\ndependencies = []\n# ///\n`, 2, /does not begin with #/],
    [
      'that is there twice',
      `${good}\n${good}`,
      6,
      /two headers \(# \/\/\/ script in lines 1 and 6\): keep one/,
    ],
    [
      'that is there twice without a gap',
      `# /// script\n# ///\n# /// script\n${bad}\n# ///\n`,
      3,
      /lines 1 and 3/,
    ],
    [
      'whose second one stands in a text',
      `${good}x = """\n# /// script\n${bad}\n# ///\n"""\n`,
      6,
      /two headers/,
    ],
    [
      'that runs into another block',
      `# /// script\n${bad}\n# ///\n# /// x\n# a\n# ///\n`,
      3,
      /goes on to the last # \/\/\/.*line 6.*empty line after line 3/,
    ],
    [
      'inside of another block',
      `# /// x\n# a\n# ///\n# /// script\n${bad}\n# ///\n`,
      4,
      /inside the block "x" of line 1: leave an empty line/,
    ],
    ['with a space after its opening', `# /// script \n${bad}\n# ///\n`, 1, /exactly # \/\/\/ script$/],
    ['without the space before its opening', `#/// script\n${bad}\n# ///\n`, 1, /exactly # \/\/\/ script$/],
    ['whose type is in capitals', `import os\n# /// SCRIPT\n${bad}\n# ///\n`, 2, /exactly # \/\/\/ script$/],
    ['with too few slashes in its opening', `# // script\n${bad}\n# ///\n`, 1, /exactly # \/\/\/ script$/],
    [
      'in a file whose lines end with CR alone',
      good.replaceAll('\n', '\r'),
      null,
      /end with CR alone.*save it with LF/,
    ],
    [
      'that is no TOML',
      `import os\n${script('# # one', '# dependencies = [')}`,
      4,
      /not valid TOML at column 18: /,
    ],
    [
      'with a doubled key',
      script('# dependencies = []', '# dependencies = []'),
      3,
      /not valid TOML at column 3: /,
    ],
    [
      'with a misspelt key',
      script('# dependencys = []'),
      2,
      /key "dependencys" is unknown: did you mean dependencies\?/,
    ],
    [
      'with an underscore in a key',
      script('# dependencies = []', '# requires_python = ">=3"'),
      3,
      /did you mean requires-python\?/,
    ],
    ['with a key of a project', script('# name = "x"'), 2, /"name" is unknown: a header may have/],
    [
      'with one text for dependencies',
      script('# dependencies = "torch"'),
      2,
      /must be a list of packages.*and is a text/,
    ],
    [
      'with a number among the dependencies',
      script('# dependencies = [1]'),
      2,
      /list of texts.*and has a number/,
    ],
    [
      'whose requires-python is a number',
      script('# requires-python = 3.12'),
      2,
      /must be a text.*and is a number/,
    ],
    [
      'whose requires-python has no operator',
      script('# requires-python = "3.12"'),
      2,
      /put an operator before it/,
    ],
    [
      'whose requires-python has =>',
      script('# requires-python = "=>3.12"'),
      2,
      /no operator =>: did you mean >=\?/,
    ],
    [
      'whose requires-python lacks a comma',
      script('# requires-python = ">=3.8 <4"'),
      2,
      /put a comma between/,
    ],
    [
      'whose requires-python ends with a comma',
      script('# requires-python = ">=3.8,"'),
      2,
      /remove the comma/,
    ],
    ['whose tool is a text', script('# tool = "x"'), 2, /tool must be a table/],
    [
      'whose table of Jobs is a list',
      script('# [tool]', '# hf-jobs = []'),
      1,
      /tool\.hf-jobs must be a table.*and is a list/,
    ],
    [
      'with a date without quotes',
      script('# [tool.uv]', '# exclude-newer = 2026-01-01'),
      2,
      /text with a date.*date without quotes/,
    ],
    [
      'with a date that is none',
      script('# [tool.uv]', '# exclude-newer = "soon"'),
      2,
      /text with a date.*is "soon"/,
    ],
    [
      'with a version of uv that is none',
      script('# [tool.uv]', '# required-version = "new"'),
      2,
      /versions of uv, such as ">=0\.13"/,
    ],
    [
      'with an underscore in a key of uv',
      script('# [tool.uv]', '# exclude_newer = "2026-01-01"'),
      2,
      /write "exclude-newer"/,
    ],
    [
      'of more than 100,000 characters',
      script(...Array.from({ length: 20_000 }, () => '# # long')),
      1,
      /more than 100000 characters/,
    ],
  ])('%s.', (_, text, line, message) => {
    expect(problemOf(text)).toEqual({ line, message: expect.stringMatching(message) })
  })
})

const hostile: [string, string][] = [
  ['#', '#'.repeat(2_000_000)],
  ['line ends', '\n'.repeat(2_000_000)],
  ['empty comments', '#\n'.repeat(1_000_000)],
  ['openings', '# /// script\n'.repeat(150_000)],
  ['openings of other types', '# /// x\n'.repeat(250_000)],
  ['openings before one closing', `${'# /// x\n'.repeat(150_000)}# ///\n`],
  ['closings', `# /// script\n${'# ///\n'.repeat(300_000)}`],
  ['almost openings', `${'#/// scrip\n'.repeat(150_000)}`],
  ['spaces in an opening', `# ///${' '.repeat(2_000_000)}script`],
  ['slashes', `# ${'/'.repeat(2_000_000)}`],
  ['brackets in TOML', script(`# dependencies = ${'['.repeat(90_000)}`)],
  ['dots in TOML', script(`# ${'a.'.repeat(40_000)}a = 1`)],
  ['quotes in TOML', script(`# a = ${'"'.repeat(90_000)}`)],
]

test.each(hostile)('A header is read in linear time where a text has many %s.', (_, text) => {
  expect(typeof readScriptHeader(text).isRead).toBe('boolean')
})

const pieces = fc.constantFrom(
  '# /// script\n',
  '# ///\n',
  '# /// other\n',
  '# dependencies = ["torch"]\n',
  '#\n',
  '#x\n',
  '\n',
  'print(1)\n',
  '\r',
  '\ufeff',
  '# [tool.hf-jobs]\n',
  '# a = "',
  '# requires-python = ">=3"\n',
  '\0',
  '\u2028',
  '# [tool.uv]\n',
  '[',
  '\ud800',
)

test('Reading a header never throws, and a problem has a line of the script.', () => {
  const anyText = fc.oneof(
    fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 8 }).map((all) => script(`# ${all.join('')}`)),
  )
  fc.assert(
    fc.property(anyText, (text) => {
      const reading = readScriptHeader(text)
      if (reading.isRead) return
      const { line, message } = reading.problem
      expect(message).not.toBe('')
      expect(line ?? 1).toBeGreaterThanOrEqual(1)
      expect(line ?? 1).toBeLessThanOrEqual(text.split('\n').length)
    }),
  )
})

test('What the reference implementation of the PEP finds is what is read, or it is refused.', () => {
  const reference = /^# \/\/\/ (?<type>[a-zA-Z0-9-]+)$\s(?<content>(^#(| .*)$\s)+)^# \/\/\/$/gm
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 14 }), (all) => {
      const text = all.join('').replaceAll(/[\r\u2028\0]/g, '')
      const found = [...text.matchAll(reference)].filter(({ groups }) => groups?.type === 'script')
      const reading = readScriptHeader(text)
      const isEmptyBlock = text.includes('# /// script\n# ///\n')
      if (reading.isRead && !isEmptyBlock) expect(reading.header.hasBlock).toBe(found.length === 1)
    }),
    { numRuns: 500 },
  )
})
