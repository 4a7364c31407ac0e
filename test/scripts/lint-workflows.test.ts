// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the expressions of workflows look like this.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

const workflow = `on: workflow_dispatch
permissions: {}
jobs:
  train:
    runs-on: ubuntu-24.04
    steps:
      - uses: ./
        with:
          hf-token: \${{ secrets.HF_TOKEN }}
`
const action = `name: x
description: x
inputs:
  hf-token:
    description: x
    required: true
runs:
  using: node24
  main: dist/index.js
`
const fence = (text: string) => `# Title\n\n\`\`\`yaml\n${text}\`\`\`\n`

let folder: string

function lint(files: Record<string, string>) {
  rmSync(folder, { recursive: true, force: true })
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', './test/node-setup.js', 'scripts/lint-workflows.ts', folder],
    { encoding: 'utf8' },
  )
  return { status, stdout, findings: stderr.split('\n').filter((line) => line !== '') }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lint-workflows-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('Valid files pass and are counted.', () => {
  const result = lint({
    'action.yml': action,
    '.github/workflows/ci.yml': workflow,
    'examples/train.yml': workflow.replace('./', 'OWNER/auto-retrain@FULL_COMMIT_SHA'),
    'README.md': fence(workflow.replace('./', 'acme/auto-retrain@v1')),
    'docs/more.md': fence('input_dataset: acme/digits\n'),
  })
  expect(result).toEqual({
    status: 0,
    stdout: '5 workflows, actions and snippets: 0 findings.\n',
    findings: [],
  })
})

describe('Linting invalid files', () => {
  let findings: string[]
  let status: number | null

  beforeAll(() => {
    const result = lint({
      'action.yml': action.replace('main: dist', 'mian: dist').replace('node24', 'node25'),
      '.github/workflows/misspelt.yml': workflow.replace('runs-on', 'run-on'),
      '.github/workflows/context.yaml': workflow.replace('secrets.HF_TOKEN', 'secret.HF_TOKEN'),
      '.github/workflows/event.yml': workflow.replace('workflow_dispatch', 'repository_dispach'),
      'examples/tag.yml': workflow.replace('./', 'acme/auto-retrain@v1'),
      'examples/queue.yml': `concurrency: { group: x, queue: all }\n${workflow}`,
      'examples/cancel.yml': `concurrency: { group: x, queue: max, cancel-in-progress: true }\n${workflow}`,
      '.github/workflows/broken.yml': workflow.replace('jobs:', 'jobs: ['),
      '.github/workflows/injected.yml': `${workflow}      - run: echo \${{ github.event.client_payload.dataset }}\n`,
      'README.md': fence(workflow.replace('hf-token', 'hf-tokn')),
      'docs/deep/guide.md': fence(workflow.replace('permissions: {}\n', '')),
      'docs/part.md': fence('steps:\n  - run: echo ${{ inputs.x }}\n'),
    })
    findings = result.findings
    status = result.status
  })

  test.each([
    ['an unknown key of action.yml', /^action\.yml:9: Unexpected value 'mian'/],
    ['an unknown runtime', /^action\.yml:8: .*node25/],
    ['a misspelt key', /^\.github\/workflows\/misspelt\.yml:5: Unexpected value 'run-on'/],
    ['an unknown context', /^\.github\/workflows\/context\.yaml:9: Unrecognized named-value: 'secret'/],
    ['an unknown event', /^\.github\/workflows\/event\.yml:1: .*repository_dispach/],
    ['an example with an action that is not pinned', /^examples\/tag\.yml:7: .* is not pinned/],
    ['a queue that GitHub does not know', /^examples\/queue\.yml:1: .*'all'/],
    [
      'a queue that also cancels',
      /^examples\/cancel\.yml:1: 'queue: max' cannot be combined with 'cancel-in-progress: true'/,
    ],
    ['invalid YAML', /^\.github\/workflows\/broken\.yml:\d+: /],
    [
      'a script with text from an event',
      /^\.github\/workflows\/injected\.yml:10: An expression in a script becomes part of its code/,
    ],
    ['an input that the action does not have', /^README\.md:12: The action has no input "hf-tokn"\.$/],
    [
      'a workflow in a document without permissions',
      /^docs\/deep\/guide\.md:4: A workflow starts with "permissions: \{\}"/,
    ],
    [
      'a script in a snippet with text from an input',
      /^docs\/part\.md:5: An expression in a script becomes part of its code/,
    ],
  ])('It reports %s with file and line.', (_, line) => {
    expect(findings).toContainEqual(expect.stringMatching(line))
  })

  test('It exits with 1.', () => {
    expect(status).toBe(1)
  })
})
