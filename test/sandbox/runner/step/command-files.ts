import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The files a step writes to, by the name of their variable without `GITHUB_`, in lower case. */
export interface CommandFiles {
  env: string
  output: string
  path: string
  state: string
  step_summary: string
}

/**
 * Makes one step's command files, empty.
 *
 * @param temp the machine's folder for what is thrown away (`RUNNER_TEMP`)
 */
export function createCommandFiles(temp: string): CommandFiles {
  const folder = join(temp, '_runner_file_commands')
  mkdirSync(folder, { recursive: true })
  const suffix = randomUUID()
  const files = {
    env: join(folder, `set_env_${suffix}`),
    output: join(folder, `set_output_${suffix}`),
    path: join(folder, `add_path_${suffix}`),
    state: join(folder, `save_state_${suffix}`),
    step_summary: join(folder, `step_summary_${suffix}`),
  }
  for (const file of Object.values(files)) writeFileSync(file, '')
  return files
}

/** The text of a command file; empty when the step removed it. */
export function readCommandFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/**
 * Reads `NAME=VALUE` lines and `NAME<<DELIMITER` blocks; a later name wins.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
 *
 * @param text of `GITHUB_OUTPUT`, `GITHUB_STATE` or `GITHUB_ENV`
 * @throws Error for a line that is neither, and for a block without its end
 */
export function parsePairs(text: string): Record<string, string> {
  const pairs: Record<string, string> = {}
  const lines = text.split('\n')
  while (lines.length > 0) {
    const line = lines.shift() ?? ''
    if (line === '') continue
    const equals = line.indexOf('=')
    const block = line.indexOf('<<')
    if (equals >= 0 && (block < 0 || equals < block)) {
      pairs[line.slice(0, equals)] = line.slice(equals + 1)
    } else if (block > 0 && block + 2 < line.length) {
      pairs[line.slice(0, block)] = takeBlock(lines, line.slice(block + 2))
    } else {
      throw new Error(`Invalid format '${line}'`)
    }
  }
  return pairs
}

function takeBlock(lines: string[], delimiter: string): string {
  const end = lines.indexOf(delimiter)
  if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`)
  const block = lines.splice(0, end + 1)
  return block.slice(0, -1).join('\n')
}
