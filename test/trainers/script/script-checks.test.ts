import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { reviewScript, type ScriptFacts } from '../../../src/trainers/script/script-checks.ts'

const uv = 'ghcr.io/astral-sh/uv:0.13.9-python3.12-trixie'
const withHeader = (...lines: string[]) =>
  ['# /// script', ...lines.map((line) => `# ${line}`), '# ///', ''].join('\n')
const pinned = 'dependencies = ["torch<3"]'

const review = (change: Partial<ScriptFacts> = {}) =>
  reviewScript({
    script: 'train.py',
    text: withHeader(pinned),
    lock: null,
    hasProject: false,
    packages: [],
    recipe: {
      image: null,
      flavor: null,
      timeoutMs: null,
      python: null,
      env: {},
      secrets: [],
      givesToken: true,
    },
    defaults: { image: uv, flavor: 't4-small', timeoutMs: 7_200_000 },
    ...change,
  })
const recipe = (change: Partial<ScriptFacts['recipe']>): Pick<ScriptFacts, 'recipe'> => ({
  recipe: {
    image: null,
    flavor: null,
    timeoutMs: null,
    python: null,
    env: {},
    secrets: [],
    givesToken: true,
    ...change,
  },
})
const checkOf = (id: string, change: Partial<ScriptFacts>) =>
  review(change).checks.find((check) => check.id === id)

test('A sound script passes five checks.', () => {
  const text = withHeader(
    'requires-python = ">=3.11"',
    pinned,
    '[tool.hf-jobs]',
    'flavor = "a10g-small"',
    'env = { A = "1" }',
  )
  expect(review({ text, lock: 'version = 1\n' }).checks).toEqual([
    {
      id: 'script-header',
      title: "The script's header can be read",
      found: '1 dependency',
      verdict: 'passed',
      advice: null,
    },
    {
      id: 'script-settings',
      title: "The header's settings may be used",
      found: 'hardware a10g-small (from script), env.A (from script)',
      verdict: 'passed',
      advice: null,
    },
    {
      id: 'script-python',
      title: 'The Python is one that the script can use',
      found: `>=3.11 is wanted, the image ${uv} has 3.12`,
      verdict: 'passed',
      advice: null,
    },
    {
      id: 'script-dependencies',
      title: 'The packages can be installed',
      found: '1 package, locked',
      verdict: 'passed',
      advice: null,
    },
    {
      id: 'script-lock',
      title: "The script's lock can be used",
      found: '0 locked',
      verdict: 'passed',
      advice: null,
    },
  ])
})

test('A header that cannot be read is the only thing that is said, with its line.', () => {
  const { checks, settings } = review({ text: `import os\n${withHeader('dependencys = []')}` })
  expect(checks).toMatchObject([
    {
      id: 'script-header',
      verdict: 'refused',
      advice: 'train.py, line 3: the key "dependencys" is unknown: did you mean dependencies?',
    },
  ])
  expect(settings).toBeNull()
})

describe('A script without a header', () => {
  const text = 'import torch\n'

  test('gives a warning: it can only import what the image has.', () => {
    expect(checkOf('script-header', { text })).toMatchObject({
      found: 'none',
      verdict: 'warned',
      advice: expect.stringContaining(
        'it can only import what the image has: add one with uv add --script train.py',
      ),
    })
  })

  test('gives none beside a pyproject.toml, or with packages of the recipe.', () => {
    expect(checkOf('script-header', { text, hasProject: true })?.verdict).toBe('passed')
    expect(checkOf('script-header', { text, packages: ['torch<3'] })?.verdict).toBe('passed')
  })
})

describe('The Python of a Job', () => {
  const text = withHeader(pinned, 'requires-python = ">=3.13"')

  test('is refused where the image has another one, with both ways out.', () => {
    expect(checkOf('script-python', { text })).toMatchObject({
      verdict: 'refused',
      advice: `train.py wants Python >=3.13, and the image ${uv} has 3.12: set image or python.`,
    })
  })

  test("is the recipe's, whatever the image has.", () => {
    expect(checkOf('script-python', { text, ...recipe({ python: '3.13' }) })?.verdict).toBe('passed')
    expect(checkOf('script-python', { text, ...recipe({ python: '3.12' }) })).toMatchObject({
      verdict: 'refused',
      advice:
        'train.py wants Python >=3.13, and python is 3.12: change python, or requires-python in the header.',
    })
  })

  test("is the header's own image's.", () => {
    const own = withHeader(pinned, 'requires-python = ">=3.13"', '[tool.hf-jobs]', 'image = "python:3.13"')
    expect(checkOf('script-python', { text: own })?.verdict).toBe('passed')
  })

  test('is not judged with an image whose name does not say it.', () => {
    expect(checkOf('script-python', { text, ...recipe({ image: 'huggingface/trl' }) })).toMatchObject({
      verdict: 'unknown',
      found: '>=3.13 is wanted; the name of the image huggingface/trl does not say what it has',
      advice: null,
    })
  })

  test('gives a warning where it depends on the patch version.', () => {
    const exact = withHeader(pinned, 'requires-python = "==3.12"')
    expect(checkOf('script-python', { text: exact })).toMatchObject({
      verdict: 'warned',
      advice: expect.stringContaining('write requires-python as ==3.12.* or >=3.12.'),
    })
  })
})

describe('The uv of a Job', () => {
  const text = (version: string) => withHeader(pinned, '[tool.uv]', `required-version = "${version}"`)

  test('is refused where the header wants another one than the image has.', () => {
    expect(checkOf('script-uv', { text: text('>=0.99') })).toMatchObject({
      verdict: 'refused',
      advice: `train.py wants uv >=0.99, and the image ${uv} has 0.13.9: set image, or change required-version in the header.`,
    })
  })

  test.each(['>=0.13', '0.13.9', '~=0.13.2'])('fits a header that wants %s.', (version) => {
    expect(checkOf('script-uv', { text: text(version) })?.verdict).toBe('passed')
  })

  test('is not judged with another image, and not named where the header wants none.', () => {
    expect(checkOf('script-uv', { text: text('>=0.99'), ...recipe({ image: 'python:3.12' }) })?.verdict).toBe(
      'unknown',
    )
    expect(checkOf('script-uv', {})).toBeUndefined()
  })
})

describe('A lock', () => {
  const lock = 'version = 1\n'

  test('is kept to where the script has a header.', () => {
    expect(review({ lock }).isLocked).toBe(true)
    expect(review({}).isLocked).toBe(false)
  })

  test('is not used and gives a warning where the script has none: uv would ask for the lock of a project.', () => {
    const without = { text: 'import torch\n', lock }
    expect(review(without).isLocked).toBe(false)
    expect(checkOf('script-lock', without)).toMatchObject({
      verdict: 'warned',
      advice:
        'train.py.lock has no effect, because train.py has no header: declare its dependencies there, and lock them again.',
    })
  })
})

test('All settings that may not be used are in one advice, and more than three are counted.', () => {
  const text = withHeader(
    pinned,
    '[tool.hf-jobs]',
    'namespace = "a"',
    'attempts = 2',
    'timeout = "x"',
    'secrets = ["A"]',
  )
  const advice = checkOf('script-settings', { text })?.advice ?? ''
  expect(advice).toMatch(
    /^train\.py: namespace .* train\.py: "attempts" .* train\.py: timeout .*\. \(1 more\)$/,
  )
})

test('A git dependency is held against the image that the header names.', () => {
  const text = withHeader(
    'dependencies = ["a @ git+https://git.example/a"]',
    '[tool.hf-jobs]',
    'image = "python:3.12-slim"',
  )
  expect(checkOf('script-dependencies', { text })).toMatchObject({
    verdict: 'refused',
    advice: expect.stringContaining('python:3.12-slim'),
  })
})

test('Packages without bounds and a lock of another index give a warning each.', () => {
  const text = withHeader('dependencies = ["torch"]')
  const lock = 'version = 1\n[[package]]\nsource = { registry = "https://mirror.example/simple" }\n'
  expect(checkOf('script-dependencies', { text })?.verdict).toBe('warned')
  expect(checkOf('script-lock', { text, lock })?.verdict).toBe('warned')
  expect(checkOf('script-lock', { text, lock: 'version = 2\n' })?.verdict).toBe('refused')
})

test('Reviewing a script never throws, and every check that is not passed says why.', () => {
  const line = fc.constantFrom(
    'dependencies = ["torch"]',
    'dependencies = ["-r x"]',
    'requires-python = ">=3.13"',
    '[tool.hf-jobs]',
    'image = "x"',
    'timeout = 5',
    '[tool.uv]',
    'exclude-newer = "2026-01-01"',
    '/// script',
    '"',
    'secrets = ["A"]',
  )
  const text = fc.oneof(
    fc.array(line, { maxLength: 7 }).map((all) => withHeader(...all)),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(text, fc.option(text), (script, lock) => {
      for (const { verdict, found, advice } of review({ text: script, lock }).checks) {
        expect(found).not.toBe('')
        if (verdict === 'refused' || verdict === 'warned') expect(advice).toMatch(/[.?)]$/)
        else expect(advice).toBeNull()
      }
    }),
  )
})

test("The header's label name is not shown as a setting: the Job has the name of its project.", () => {
  const text = withHeader(pinned, '[tool.hf-jobs]', 'name = "mine"')
  expect(checkOf('script-settings', { text })).toMatchObject({ found: 'none' })
})
