import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readRequirement } from '../../../../src/trainers/script/header/requirement.ts'

const problemOf = (text: string) => {
  const reading = readRequirement(text)
  return reading.isRead ? null : reading.problem
}

// Each of these was given to uv 0.13.9, which reads it too.
test.each<[string, { name: string; isBounded: boolean; isGit: boolean }]>([
  ['torch', { name: 'torch', isBounded: false, isGit: false }],
  [' torch ', { name: 'torch', isBounded: false, isGit: false }],
  ['ruamel.yaml', { name: 'ruamel.yaml', isBounded: false, isGit: false }],
  ['torch>=2', { name: 'torch', isBounded: false, isGit: false }],
  ['torch>=2,', { name: 'torch', isBounded: false, isGit: false }],
  ['torch!=2.*', { name: 'torch', isBounded: false, isGit: false }],
  ['torch==2.*', { name: 'torch', isBounded: true, isGit: false }],
  ['torch===2.0', { name: 'torch', isBounded: true, isGit: false }],
  ['torch==v2.1+cu121', { name: 'torch', isBounded: true, isGit: false }],
  ['torch~=2.1', { name: 'torch', isBounded: true, isGit: false }],
  ['torch < 3 , > 2', { name: 'torch', isBounded: true, isGit: false }],
  ['torch(>=2,<=3)', { name: 'torch', isBounded: true, isGit: false }],
  ['transformers [torch,vision] >= 5', { name: 'transformers', isBounded: false, isGit: false }],
  ['torch[]', { name: 'torch', isBounded: false, isGit: false }],
  ['torch>=2;python_version<"3.14"', { name: 'torch', isBounded: false, isGit: false }],
  [
    "torch; (sys_platform == 'linux' or os.name == 'posix') and extra == 'x'",
    { name: 'torch', isBounded: false, isGit: false },
  ],
  ['torch; "linux" in sys_platform', { name: 'torch', isBounded: false, isGit: false }],
  ['torch; sys_platform not in "linux"', { name: 'torch', isBounded: false, isGit: false }],
  ['trl @ git+https://git.example/trl', { name: 'trl', isBounded: false, isGit: true }],
  ['trl @ git+https://git.example/trl#egg=trl@1', { name: 'trl', isBounded: false, isGit: true }],
  ['trl @ git+https://git.example/trl@v1.16.0', { name: 'trl', isBounded: true, isGit: true }],
  ['trl @ git+ssh://git@git.example/trl', { name: 'trl', isBounded: false, isGit: true }],
  ['trl@https://x.example/trl-1.whl ; python_version>"3"', { name: 'trl', isBounded: true, isGit: false }],
])('The dependency %j is read.', (text, requirement) => {
  expect(readRequirement(text)).toEqual({ isRead: true, requirement })
})

// Each of these was given to uv 0.13.9, which stops at it, after the Job was started.
describe('A dependency is refused', () => {
  test.each<[string, RegExp]>([
    ['', /is empty/],
    ['torch=>2', /no operator =>: did you mean >=\?/],
    ['torch=2', /no operator =: did you mean ==\?/],
    ['torch^2', /no operator \^: did you mean >=\?/],
    ['torch 2.0', /put an operator before it/],
    ['torch>=2 <3', /put a comma/],
    ['torch>=2.0.*', /only allowed after == and !=/],
    ['torch~=2', /such as ~=2\.0/],
    ['torch==2.0.post1.*', /write it as torch>=1\.2,<2/],
    ['torch>1.0+local', /write it as/],
    ['torch===nightly', /write it as/],
    ['torch>=2 # new', /write it as/],
    ['tor ch', /write it as/],
    ['torch (>=2', /lacks a \)/],
    ['torch[', /lacks a \]/],
    ['torch[x,]', /\[one,two\]/],
    ['_torch', /does not begin with the name/],
    ['torch_', /does not end in a letter or a digit/],
    ['-r requirements.txt', /option of pip: list the packages/],
    ['--index-url https://x.example', /option of pip/],
    ['./local', /is a path/],
    ['/abs', /is a path/],
    ['~/home', /is a path/],
    ['C:\\local', /is a path/],
    ['file:///x', /is a path/],
    ['x @ ./local', /is a path/],
    ['x @ file:///x', /is a path/],
    ['x-1-py3-none-any.whl', /is a path/],
    ['git+https://git.example/a', /has no name: write it as name @ URL/],
    ['https://x.example/a.whl', /has no name/],
    ['x @', /no URL after @/],
    ['x @ https://x.example/a.whl;python_version>"3"', /a space before ;/],
    ['x @ https://x.example/a.whl >=2', /after its URL: remove it/],
    ['x;', /ends too early/],
    ['x; python_version', /lacks a comparison/],
    ['x; python_version < 3.8', /has 3\.8, which is neither/],
    ['x; platform == "linux"', /has platform, which is neither/],
    ['x; os_name = "posix"', /not allowed there/],
    ['x; (os_name == "posix"', /closing parenthesis/],
    ['x; os_name == "posix" os_name', /where and or or belongs/],
    ['x; os_name == "posix" and', /ends too early/],
    [`x; ${'('.repeat(1900)}`, /too many parentheses/],
    ['x'.repeat(2001), /more than 2000 characters/],
  ])('%j.', (text, problem) => {
    expect(problemOf(text)).toMatch(problem)
  })
})

test('Reading a dependency never throws.', () => {
  const pieces = fc.constantFrom(
    'torch',
    '>=',
    '2',
    '[',
    ']',
    '(',
    ')',
    ';',
    '@',
    ' ',
    ',',
    '"',
    'and',
    'os_name',
    'git+https://',
    '.',
    '-',
  )
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces).map((all) => all.join('')),
  )
  fc.assert(fc.property(anyText, (text) => void readRequirement(text)))
})

test.each(['1', '1.', '1-', 'a', ',', '>=1,', ' '])(
  'A dependency with many times %j is read in linear time.',
  (part) => {
    expect(typeof readRequirement(`x>=1${part.repeat(1990 / part.length)}`).isRead).toBe('boolean')
  },
)
