// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the expressions of workflows look like this.
import { describe, expect, test } from '@jest/globals'
import { ruleFindings, type WorkflowSource } from '../../scripts/workflow-rules.ts'

const sha = '0'.repeat(40)
const own = { inputs: ['hf-token', 'command'], outputs: ['verdict'] }
const lint = (lines: string[], change: Partial<WorkflowSource> = {}) =>
  ruleFindings({ file: 'a.yml', text: `${lines.join('\n')}\n`, firstLine: 1, kind: 'file', ...change }, own)

const head = ['on: push', 'permissions: {}', 'jobs:', '  a:', '    runs-on: ubuntu-24.04', '    steps:']
const step = (...lines: string[]) => [
  ...head,
  ...lines.map((line, at) => `      ${at === 0 ? '- ' : '  '}${line}`),
]
const firstStepLine = head.length + 1

test('A workflow that follows every rule has no findings.', () => {
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
        message: expect.stringMatching(/^An expression in a script becomes part of its code/),
      },
    ])
  })

  test('The finding names the line inside a script of several lines.', () => {
    const findings = lint(
      step('run: |', '  echo 1', '  echo "${{ github.event.client_payload.dataset }}"', '  echo 2'),
    )
    expect(findings).toMatchObject([{ line: firstStepLine + 2 }])
  })

  test('The script of actions/github-script and the command of our own action are scripts, too.', () => {
    expect(
      lint(step(`uses: actions/github-script@${sha} # v8`, 'with:', '  script: f("${{ inputs.x }}")')),
    ).toHaveLength(1)
    expect(lint(step('uses: ./', 'with:', '  command: train ${{ inputs.x }}'))).toHaveLength(1)
  })

  test('A script in a snippet of a document is checked, too.', () => {
    expect(lint(['- run: echo ${{ inputs.x }}'], { kind: 'snippet', firstLine: 40 })).toMatchObject([
      { line: 40 },
    ])
  })

  test('Expressions in env, with and if are allowed.', () => {
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
      {
        line: firstStepLine + 3,
        message: expect.stringMatching(/^An outsider could choose what is checked out/),
      },
    ])
  })

  test.each([
    'ref: main',
    'ref: ${{ github.sha }}',
    'ref: ${{ github.event.repository.default_branch }}',
    'fetch-depth: ${{ inputs.x }}',
  ])('%s is allowed.', (input) => {
    expect(checkout(input)).toEqual([])
  })

  test.each([[[]], [['with:', '  fetch-depth: 0']], [['with:', '  persist-credentials: true']]])(
    'A checkout that keeps its credentials is found: %j',
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
  ])('%s is reported as not pinned.', (uses) => {
    expect(lint(step(`uses: ${uses} # v5.0.0`))).toMatchObject([
      { line: firstStepLine, message: expect.stringContaining('is not pinned') },
    ])
  })

  test.each(['', ' # pinned', ' # v5-beta', ' #v5'])(
    'A pinned action with the comment "%s" lacks its version.',
    (comment) => {
      expect(lint(step(`uses: actions/setup-node@${sha}${comment}`))).toMatchObject([
        { message: expect.stringContaining('needs its version in a comment') },
      ])
    },
  )

  test('A pinned action with its version is allowed, and so is an action of this repository.', () => {
    expect(lint(step(`uses: actions/setup-node@${sha} # v5.0.0`))).toEqual([])
    expect(lint(step('uses: ./.github/actions/x'))).toEqual([])
  })

  test('The placeholder of the examples needs no pin, but no other name without one is allowed.', () => {
    expect(lint(step('uses: OWNER/auto-retrain@FULL_COMMIT_SHA'))).toEqual([])
    expect(lint(step('uses: OWNER/auto-retrain@v1'))).toHaveLength(1)
    expect(lint(step('uses: OWNER/other@FULL_COMMIT_SHA'))).toHaveLength(1)
  })

  test('A reusable workflow needs a pin, too.', () => {
    const job = [
      'on: push',
      'permissions: {}',
      'jobs:',
      '  a:',
      '    uses: acme/flows/.github/workflows/x.yml@v1',
    ]
    expect(lint(job)).toMatchObject([{ line: 5, message: expect.stringContaining('is not pinned') }])
  })

  test('A snippet in a document may name a tag and keep credentials.', () => {
    expect(lint(step('uses: actions/checkout@v5'), { kind: 'snippet' })).toEqual([])
  })
})

describe('Permissions', () => {
  test.each(['file', 'snippet'] as const)('A %s with a workflow needs permissions at its top.', (kind) => {
    expect(
      lint(
        head.filter((line) => !line.startsWith('permissions')),
        { kind },
      ),
    ).toMatchObject([{ line: 1, message: expect.stringContaining('permissions: {}') }])
  })

  test('A workflow file grants nothing at its top; a snippet may.', () => {
    const granted = head.map((line) => line.replace('{}', '{ contents: write }'))
    expect(lint(granted)).toMatchObject([
      { line: 2, message: expect.stringContaining('each job then grants') },
    ])
    expect(lint(granted, { kind: 'snippet' })).toEqual([])
  })

  test('Permissions of a job do not replace those at the top.', () => {
    const lines = ['on: push', 'jobs:', '  a:', '    permissions: {}', '    runs-on: x', '    steps: []']
    expect(lint(lines)).toHaveLength(1)
  })

  test('write-all is found at the top and in a job.', () => {
    const message = expect.stringMatching(/^"permissions: write-all" grants more/)
    const atTop = head.map((line) => line.replace('{}', 'write-all'))
    expect(lint(atTop, { kind: 'snippet' })).toMatchObject([{ line: 2, message }])
    expect(lint([...head.slice(0, 4), '    permissions: write-all', ...head.slice(4)])).toMatchObject([
      { line: 5, message },
    ])
  })

  test('A part of a workflow in a document needs none.', () => {
    expect(lint(['steps:', '  - run: make'], { kind: 'snippet' })).toEqual([])
  })
})

test.each([
  'on: pull_request_target',
  'on: [push, pull_request_target]',
  'on:\n  pull_request_target:\n    branches: [main]',
])('A workflow that strangers can start with our secrets is found: %j', (on) => {
  expect(lint([on, ...head.slice(1)])).toMatchObject([
    { message: expect.stringContaining('secrets to the pull request of a stranger') },
  ])
})

describe('What everyone can read', () => {
  const message = expect.stringMatching(/^Run names and concurrency groups are public/)
  const withDataset = 'x-${{ github.event.client_payload.dataset }}'

  test('A dataset in the run name or in a concurrency group is found.', () => {
    expect(lint([`run-name: ${withDataset}`, ...head])).toMatchObject([{ line: 1, message }])
    expect(lint([`concurrency: ${withDataset}`, ...head])).toMatchObject([{ line: 1, message }])
    expect(lint(['concurrency:', `  group: ${withDataset}`, ...head])).toMatchObject([{ line: 2, message }])
    expect(
      lint([...head.slice(0, 4), '    concurrency:', `      group: ${withDataset}`, ...head.slice(4)]),
    ).toMatchObject([{ line: 6, message }])
  })

  test('The delivery id is allowed.', () => {
    const id = '${{ github.event.client_payload.id }}'
    expect(lint([`run-name: ${id}`, `concurrency: ${id}`, ...head])).toEqual([])
  })

  test('The whole payload is found.', () => {
    expect(lint(['run-name: ${{ toJSON(github.event.client_payload) }}', ...head])).toHaveLength(1)
  })
})

describe('Our own action', () => {
  test.each(['./', 'acme/auto-retrain@v1', `acme/auto-retrain@${sha} # v1.0.0`])(
    'An input that %s does not have is found.',
    (uses) => {
      expect(
        lint(step(`uses: ${uses}`, 'with:', '  hf-token: x', '  hf-tokn: x'), { kind: 'snippet' }),
      ).toEqual([{ file: 'a.yml', line: firstStepLine + 3, message: 'The action has no input "hf-tokn".' }])
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

  test('Outputs of other steps are not checked.', () => {
    expect(lint(step('id: other', 'run: x', 'if: steps.other.outputs.x'))).toEqual([])
  })
})

test('Text that is not YAML has no findings: the language service reports it.', () => {
  expect(lint(['{', ': ['])).toEqual([])
})
