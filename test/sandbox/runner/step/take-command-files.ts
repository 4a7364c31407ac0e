import { parsePairs, readCommandFile } from './command-files.ts'
import type { StepContext } from './step-context.ts'

const maxSummaryBytes = 1024 * 1024

/**
 * Takes over what a step wrote to its command files.
 *
 * @returns false when a file could not be read: the step fails
 */
export function takeCommandFiles(context: StepContext): boolean {
  const { files, log } = context
  let good = true
  const attempt = (name: string, read: () => void) => {
    try {
      read()
    } catch (error) {
      good = false
      log.annotate('error', `Unable to process file command '${name}' successfully.`)
      log.annotate('error', (error as Error).message)
    }
  }
  attempt('path', () => takePaths(context, readCommandFile(files.path)))
  attempt('env', () => takeEnvironment(context, parsePairs(readCommandFile(files.env))))
  attempt('step_summary', () => takeSummary(context, readCommandFile(files.step_summary)))
  attempt('state', () => {
    Object.assign(context.result.state, parsePairs(readCommandFile(files.state)))
  })
  attempt('output', () => takeOutputs(context, parsePairs(readCommandFile(files.output))))
  return good
}

function takePaths({ state }: StepContext, text: string): void {
  for (const line of text.split(/\r?\n/).filter((path) => path !== '')) {
    state.paths = [...state.paths.filter((path) => path !== line), line]
  }
}

function takeEnvironment({ state, log }: StepContext, pairs: Record<string, string>): void {
  for (const [name, value] of Object.entries(pairs)) {
    if (name.toUpperCase() === 'NODE_OPTIONS') {
      log.annotate('error', "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.")
      continue
    }
    state.env[name] = value
    log.debug(`${name}='${value}'`)
  }
}

function takeSummary({ state, result, log }: StepContext, text: string): void {
  const bytes = Buffer.byteLength(text)
  if (bytes > maxSummaryBytes) {
    const kilobytes = Math.floor(bytes / 1024)
    log.annotate(
      'error',
      `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${kilobytes}k.`,
    )
    return
  }
  if (text === '') return
  const lines = text.split(/\r\n|\n|\r/)
  if (lines.at(-1) === '') lines.pop()
  result.summary += lines.map((line) => `${state.masks.apply(line)}\n`).join('')
}

/**
 * Sets outputs of a step, for the steps behind it too.
 *
 * @param context the step
 * @param pairs values by name; a later one wins
 */
export function takeOutputs(
  { state, step, result, log }: StepContext,
  pairs: Readonly<Record<string, string>>,
): void {
  Object.assign(result.outputs, pairs)
  for (const [name, value] of Object.entries(pairs)) log.debug(`Set output ${name} = ${value}`)
  // Steps without an id are not in the `steps` context.
  if (step.id.startsWith('__')) return
  const entry = state.steps[step.id] ?? { outputs: {} }
  entry.outputs = { ...entry.outputs, ...pairs }
  state.steps[step.id] = entry
}
