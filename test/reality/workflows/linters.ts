import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Check } from '../lane.ts'
import { runCommand } from '../tools/command.ts'

/** A workflow that each linter must complain about: without it, a linter that reads nothing would pass. */
const faulty = `on: issue_comment
jobs:
  say:
    runs-on: ubuntu-latest
    steps:
      - run: echo "\${{ github.event.comment.body }}"
      - run: echo "\${{ steps.nowhere.outputs.text }}"
`

const ownWorkflows = () => globSync('{.github/workflows,examples}/*.yml').sort()

/** Runs a linter over a file that has known faults. */
async function lintFaulty(run: (file: string) => ReturnType<typeof runCommand>) {
  const folder = mkdtempSync(join(tmpdir(), 'faulty-'))
  try {
    const file = join(folder, 'faulty.yml')
    writeFileSync(file, faulty)
    return await run(file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The rules that zizmor says are broken, once each. */
function rulesOf(report: string): string[] {
  const findings = JSON.parse(report) as { ident: string }[]
  return [...new Set(findings.map(({ ident }) => ident))].sort()
}

const zizmor: Check = {
  name: 'lint: zizmor over workflows, examples and action.yml',
  group: 'lint',
  needs: ['python'],
  answers: { 'rules broken by ours': [], 'sees an injection': true },
  async observe(tools) {
    const python = await tools.python('zizmor')
    const program = python.program('zizmor')
    const run = (...files: string[]) =>
      runCommand(program, ['--offline', '--no-progress', '--no-exit-codes', '--format', 'json', ...files])
    const ours = await run('--config', '.github/zizmor.yml', ...ownWorkflows(), 'action.yml')
    const other = await lintFaulty((file) => run('--no-config', file))
    return {
      seen: {
        'rules broken by ours': rulesOf(ours.stdout),
        'sees an injection': rulesOf(other.stdout).includes('template-injection'),
      },
      against: await python.versions('zizmor'),
    }
  },
}

const actionlint: Check = {
  name: 'lint: actionlint over workflows and examples',
  group: 'lint',
  needs: ['go'],
  answers: { 'findings in ours': [], 'sees a step that is not there': true },
  async observe(tools) {
    const { path, version } = await tools.go('actionlint')
    // Its other linters, shellcheck and pyflakes, are not on every machine.
    const run = (...args: string[]) => runCommand(path, ['-no-color', '-shellcheck=', '-pyflakes=', ...args])
    const ours = await run('-config-file', '.github/actionlint.yaml', ...ownWorkflows())
    const other = await lintFaulty((file) => run(file))
    return {
      seen: {
        'findings in ours': ours.output.split('\n').filter((line) => /^\S+:\d+:\d+: /.test(line)),
        'sees a step that is not there': /property "nowhere" is not defined/.test(other.output),
      },
      against: version,
    }
  },
}

/** The linters for workflows that this project does not bring along. */
export const linterChecks: readonly Check[] = [zizmor, actionlint]
