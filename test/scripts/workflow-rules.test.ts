// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the expressions of workflows look like this.
import { describe, expect, test } from '@jest/globals'
import { ruleFindings, type WorkflowSource } from '../../scripts/workflow-rules.ts'

const sha = '0'.repeat(40)
const own = { inputs: ['hf-token', 'command'], outputs: ['verdict'] }
const lint = (lines: string[], change: Partial<WorkflowSource> = {}) =>
  ruleFindings({ file: 'a.yml', text: `${lines.join('\n')}\n`, firstLine: 1, isRun: true, ...change }, own)

const head = ['on: push', 'permissions: {}', 'jobs:', '  a:', '    runs-on: ubuntu-24.04', '    steps:']
const step = (...lines: string[]) => [
  ...head,
  ...lines.map((line, at) => `      ${at === 0 ? '- ' : '  '}${line}`),
]
const firstStepLine = head.length + 1

test('A workflow that keeps every rule has no findings.', () => {
  const checkout = [`uses: actions/checkout@${sha} # v5.0.0`, 'with:', '  persist-credentials: false']
  const train = ['uses: ./', '  id: train', '  with:', '    hf-token: x']
  const run = ['run: echo "$VERDICT"', '  env:', '    VERDICT: x']
  expect(
    lint([
      ...step(...checkout),
      ...[train, run].flatMap(([first, ...rest]) => [
        `      - ${first}`,
        ...rest.map((line) => `      ${line}`),
      ]),
    ]),
  ).toEqual([])
})

describe('Text from outside never becomes code', () => {
  test.each([
    'github.event.client_payload.dataset',
    'inputs.revision',
    'github.event.inputs.revision',
    'github.head_ref',
    'steps.train.outputs.reason',
    'secrets.HF_TOKEN',
  ])('%s in a script is found.', (expression) => {
    expect(lint(step(`run: echo "\${{ ${expression} }}"`))).toEqual([
      {
        file: 'a.yml',
        line: firstStepLine,
        message: expect.stringMatching(/^A script takes values from env/),
      },
    ])
  })

  test('It is found on its line of a script of many.', () => {
    const findings = lint(
      step('run: |', '  echo 1', '  echo "${{ github.event.client_payload.dataset }}"', '  echo 2'),
    )
    expect(findings).toMatchObject([{ line: firstStepLine + 2 }])
  })

  test('It is found in the script of actions/github-script and in the command of our own action.', () => {
    expect(
      lint(step(`uses: actions/github-script@${sha} # v8`, 'with:', '  script: f("${{ inputs.x }}")')),
    ).toHaveLength(1)
    expect(lint(step('uses: ./', 'with:', '  command: train ${{ inputs.x }}'))).toHaveLength(1)
  })

  test('It is found in a part of a workflow, as documents show it.', () => {
    expect(lint(['- run: echo ${{ inputs.x }}'], { isRun: false, firstLine: 40 })).toMatchObject([
      { line: 40 },
    ])
  })

  test('In env, with and if it is no code, and stays.', () => {
    expect(
      lint(step('run: echo "$X"', 'if: inputs.x', 'env:', '  X: ${{ github.event.client_payload.x }}')),
    ).toEqual([])
  })
})

describe('What is checked out', () => {
  const checkout = (...inputs: string[]) =>
    lint(
      step(
        `uses: actions/checkout@${sha} # v5.0.0`,
        'with:',
        '  persist-credentials: false',
        ...inputs.map((line) => `  ${line}`),
      ),
    )

  test.each([
    'ref: ${{ github.event.client_payload.sha }}',
    'ref: ${{ github.head_ref }}',
    'ref: refs/heads/${{ inputs.branch }}',
    'repository: ${{ inputs.repository }}',
    'ref: ${{ github.sha || inputs.ref }}',
  ])('%s is found.', (input) => {
    expect(checkout(input)).toMatchObject([
      { line: firstStepLine + 3, message: expect.stringContaining('never chosen from outside') },
    ])
  })

  test.each([
    'ref: main',
    'ref: ${{ github.sha }}',
    'ref: ${{ github.event.repository.default_branch }}',
    'fetch-depth: ${{ inputs.x }}',
  ])('%s may stay.', (input) => {
    expect(checkout(input)).toEqual([])
  })

  test.each([[[]], [['with:', '  fetch-depth: 0']], [['with:', '  persist-credentials: true']]])(
    'A checkout that keeps credentials is found: %j',
    (lines) => {
      expect(lint(step(`uses: actions/checkout@${sha} # v5.0.0`, ...lines))).toMatchObject([
        { line: firstStepLine, message: expect.stringContaining('persist-credentials: false') },
      ])
    },
  )
})

describe('Actions of others', () => {
  test.each([
    'actions/setup-node@v5',
    'actions/setup-node@main',
    'actions/setup-node@a0853c2',
    'actions/setup-node',
    'docker://alpine:3',
  ])('%s is not pinned.', (uses) => {
    expect(lint(step(`uses: ${uses} # v5.0.0`))).toMatchObject([
      { line: firstStepLine, message: expect.stringContaining('pinned') },
    ])
  })

  test.each(['', ' # pinned', ' # v5-beta', ' #v5'])(
    'A pinned one with the comment "%s" says no version.',
    (comment) => {
      expect(lint(step(`uses: actions/setup-node@${sha}${comment}`))).toMatchObject([
        { message: expect.stringContaining('has its version in a comment') },
      ])
    },
  )

  test('A pinned one with its version is good, and so is an action of this repository.', () => {
    expect(lint(step(`uses: actions/setup-node@${sha} # v5.0.0`))).toEqual([])
    expect(lint(step('uses: ./.github/actions/x'))).toEqual([])
  })

  test('A reusable workflow is pinned as well.', () => {
    const job = [
      'on: push',
      'permissions: {}',
      'jobs:',
      '  a:',
      '    uses: acme/flows/.github/workflows/x.yml@v1',
    ]
    expect(lint(job)).toMatchObject([{ line: 5, message: expect.stringContaining('pinned') }])
  })

  test('An example in a document may name a tag, and may keep credentials.', () => {
    expect(lint(step('uses: actions/checkout@v5'), { isRun: false })).toEqual([])
  })
})

describe('Permissions', () => {
  test.each([true, false])('A workflow without permissions at its top is found (run here: %s).', (isRun) => {
    expect(
      lint(
        head.filter((line) => !line.startsWith('permissions')),
        { isRun },
      ),
    ).toMatchObject([{ line: 1, message: expect.stringContaining('permissions: {}') }])
  })

  test('Permissions of a job do not stand for those at the top.', () => {
    const lines = ['on: push', 'jobs:', '  a:', '    permissions: {}', '    runs-on: x', '    steps: []']
    expect(lint(lines)).toHaveLength(1)
  })

  test('write-all is found.', () => {
    expect(lint(head.map((line) => line.replace('{}', 'write-all')))).toMatchObject([{ line: 2 }])
  })

  test('A part of a workflow in a document needs none.', () => {
    expect(lint(['steps:', '  - run: make'], { isRun: false })).toEqual([])
  })
})

test.each([
  'on: pull_request_target',
  'on: [push, pull_request_target]',
  'on:\n  pull_request_target:\n    branches: [main]',
])('A workflow that strangers start with our secrets is found: %j', (on) => {
  expect(lint([on, ...head.slice(1)])).toMatchObject([
    { message: expect.stringContaining('on behalf of a stranger') },
  ])
})

describe('Our own action', () => {
  test.each(['./', 'acme/auto-retrain@v1', `acme/auto-retrain@${sha} # v1.0.0`])(
    'An input that %s does not have is found.',
    (uses) => {
      expect(lint(step(`uses: ${uses}`, 'with:', '  hf-token: x', '  hf-tokn: x'), { isRun: false })).toEqual(
        [{ file: 'a.yml', line: firstStepLine + 3, message: 'The action has no input "hf-tokn".' }],
      )
    },
  )

  test('An output that it does not have is found where it is read.', () => {
    const lines = [
      ...step('uses: ./', 'id: train'),
      '      - if: steps.train.outputs.verdikt && steps.train.outputs.verdict',
    ]
    expect(lint(lines)).toEqual([
      { file: 'a.yml', line: firstStepLine + 2, message: 'The action has no output "verdikt".' },
    ])
  })

  test('Outputs of other steps are not ours to know.', () => {
    expect(lint(step('id: other', 'run: x', 'if: steps.other.outputs.x'))).toEqual([])
  })
})

test('Text that is no YAML at all is left to the language service.', () => {
  expect(lint(['{', ': ['])).toEqual([])
})
