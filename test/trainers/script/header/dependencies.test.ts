import { describe, expect, test } from '@jest/globals'
import {
  type DependencyOptions,
  reviewDependencies,
} from '../../../../src/trainers/script/header/dependencies.ts'
import { readScriptHeader } from '../../../../src/trainers/script/header/header.ts'

const review = (
  dependencies: readonly string[],
  { uv = '', ...options }: Partial<DependencyOptions> & { uv?: string } = {},
) => {
  const lines = [`dependencies = ${JSON.stringify(dependencies)}`, ...uv.split('\n').filter(Boolean)]
  const reading = readScriptHeader(`# /// script\n${lines.map((line) => `# ${line}`).join('\n')}\n# ///\n`)
  if (!reading.isRead) throw new Error(reading.problem.message)
  const { header } = reading
  return reviewDependencies({
    script: 'training/train.py',
    header,
    packages: [],
    image: 'ghcr.io/astral-sh/uv:0.13.9-python3.12-trixie',
    hasLock: false,
    environment: {},
    ...options,
  })
}

const bare = ['torch', 'transformers>=5', 'datasets']

describe('Packages that nothing bounds', () => {
  test('give one warning, whose advice names the lock and exclude-newer.', () => {
    expect(review(bare)).toEqual({
      found: '3 packages, 0 with an upper bound',
      problems: [],
      warning:
        'training/train.py: no package is locked or has an upper bound, so the same script may train otherwise tomorrow, or fail: run uv lock --script training/train.py and commit training/train.py.lock, or set exclude-newer under [tool.uv] in its header.',
    })
  })

  test.each<[string, ReturnType<typeof review>]>([
    ['a lock', review(bare, { hasLock: true })],
    ['exclude-newer in the header', review(bare, { uv: '[tool.uv]\nexclude-newer = "2026-01-31"' })],
    ['exclude-newer in the environment', review(bare, { environment: { UV_EXCLUDE_NEWER: '2026-01-31' } })],
    ['an upper bound', review([...bare, 'trl<2'])],
    ['a bounded package of the recipe', review(bare, { packages: ['trl==1.16.0'] })],
    ['no packages', review([])],
  ])('give no warning beside %s.', (_, { warning, problems }) => {
    expect({ warning, problems }).toEqual({ warning: null, problems: [] })
  })
})

describe('A package that is fetched with git', () => {
  const git = 'trl @ git+https://git.example/trl@v1'

  test.each(['python:3.12-slim', 'python:3.12-slim-bookworm', 'ghcr.io/astral-sh/uv:python3.12-alpine'])(
    'is refused with the image %s.',
    (image) => {
      expect(review([git], { image }).problems).toEqual([
        `training/train.py: "trl" must be fetched with git, which the image ${image} does not have: use an image without slim or alpine in its name, or a release of the package.`,
      ])
    },
  )

  test.each([
    'python:3.12',
    'slim.example/python:3.12',
    'acme/slimmer:1',
    'ghcr.io/astral-sh/uv:0.13.9-python3.12-trixie',
  ])('is taken with the image %s.', (image) => {
    expect(review([git], { image: image.replace('slimmer', 'trainer') }).problems).toEqual([])
  })

  test('is refused with a small image also as a source of uv or a package of the recipe.', () => {
    const image = 'python:3.12-slim'
    const uv = '[tool.uv.sources]\ntorch = { git = "https://git.example/torch" }'
    expect(review(['torch'], { image, uv }).problems).toEqual([
      expect.stringContaining('"torch" must be fetched with git'),
    ])
    expect(review([], { image, packages: [git] }).problems).toEqual([
      expect.stringContaining('"trl" must be'),
    ])
  })
})

test('A path of uv is refused.', () => {
  const uv = '[tool.uv.sources]\ntorch = { path = "../torch" }'
  expect(review(['torch<3'], { uv }).problems).toEqual([
    expect.stringMatching(
      /\[tool\.uv\.sources\] has a path for "torch": nothing is installed from the repository/,
    ),
  ])
})

test('Every wrong dependency is named with its place.', () => {
  expect(review(['torch=2', 'a'], { packages: ['-r x.txt'] }).problems).toEqual([
    'training/train.py: the dependency "torch=2" cannot be read after its name: there is no operator =: did you mean ==?',
    'with: "-r x.txt" is an option of pip: list the packages themselves.',
  ])
})
