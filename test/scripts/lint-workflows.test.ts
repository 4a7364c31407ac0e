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

test('Good files pass, and are counted.', () => {
  const result = lint({
    'action.yml': action,
    '.github/workflows/ci.yml': workflow,
    'README.md': fence(workflow.replace('./', 'acme/auto-retrain@v1')),
    'docs/more.md': fence('input_dataset: acme/digits\n'),
  })
  expect(result).toEqual({
    status: 0,
    stdout: '4 workflows, actions and examples: 0 findings.\n',
    findings: [],
  })
})

describe('Bad files fail, each named with its line', () => {
  let findings: string[]
  let status: number | null

  beforeAll(() => {
    const result = lint({
      'action.yml': action.replace('main: dist', 'mian: dist').replace('node24', 'node25'),
      '.github/workflows/misspelt.yml': workflow.replace('runs-on', 'run-on'),
      '.github/workflows/context.yaml': workflow.replace('secrets.HF_TOKEN', 'secret.HF_TOKEN'),
      '.github/workflows/event.yml': workflow.replace('workflow_dispatch', 'repository_dispach'),
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
    ['a key of action.yml that is not known', /^action\.yml:9: Unexpected value 'mian'/],
    ['a runtime that is not known', /^action\.yml:8: .*node25/],
    ['a misspelt key', /^\.github\/workflows\/misspelt\.yml:5: Unexpected value 'run-on'/],
    [
      'a context that is not known',
      /^\.github\/workflows\/context\.yaml:9: Unrecognized named-value: 'secret'/,
    ],
    ['an event that is not known', /^\.github\/workflows\/event\.yml:1: .*repository_dispach/],
    ['no YAML', /^\.github\/workflows\/broken\.yml:\d+: /],
    [
      'a script with text from outside',
      /^\.github\/workflows\/injected\.yml:10: A script takes values from env/,
    ],
    ['an input that the action does not have', /^README\.md:12: The action has no input "hf-tokn"\.$/],
    ['an example without permissions', /^docs\/deep\/guide\.md:4: A workflow says at its top/],
    [
      'a part of a workflow with text from outside in a script',
      /^docs\/part\.md:5: A script takes values from env/,
    ],
  ])('%s', (_, line) => {
    expect(findings).toContainEqual(expect.stringMatching(line))
  })

  test('The exit code says so.', () => {
    expect(status).toBe(1)
  })
})
