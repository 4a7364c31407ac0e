import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { launch } from '../job/launch.ts'
import { textOf } from '../workflow/expressions.ts'
import { type Outcome, type StepContext, scopeOf } from './step-context.ts'

// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
const shells: Record<string, string> = {
  '': 'bash -e {0}',
  bash: 'bash --noprofile --norc -e -o pipefail {0}',
  sh: 'sh -e {0}',
}

/** The text of a `run:`, every `${{ }}` replaced by its value as text: what comes from outside becomes code. */
function scriptOf(context: StepContext): string {
  return textOf(context.step.token.find('run'), scopeOf(context.state, context))
}

/** `run:` */
export async function runScript(context: StepContext): Promise<Outcome> {
  const { state, step, log } = context
  const scope = scopeOf(state, context)
  const script = scriptOf(context)
  const shell = textOf(step.token.find('shell'), scope) || (state.runDefaults.shell ?? '')
  const folder =
    textOf(step.token.find('working-directory'), scope) || (state.runDefaults['working-directory'] ?? '')
  const template = shells[shell] ?? shell
  if (!template.includes('{0}')) {
    throw new Error(`The sandbox runner knows the shells bash, sh and those with {0}, not '${shell}'.`)
  }
  const file = join(state.machine.temp, `${randomUUID()}.sh`)
  writeFileSync(file, script)
  log.write(`##[group]Run ${script.split('\n')[0]}`)
  for (const line of script.split('\n')) log.write(line)
  log.write(`shell: ${template}`)
  log.write('##[endgroup]')
  const [command = 'bash', ...args] = template.split(' ').map((part) => part.replace('{0}', file))
  const cwd = resolve(state.machine.workspace, folder)
  const outcome = await launch(context, { command, args, cwd, variables: {} })
  if (outcome.exitCode !== 0 && !context.stop.aborted && !state.dead.aborted) {
    log.annotate('error', `Process completed with exit code ${outcome.exitCode}.`)
  }
  return outcome
}
