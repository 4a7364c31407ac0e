import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { messageOf } from '../../../domain/error-message.ts'
import { Refused } from '../../../domain/verdict.ts'

/**
 * The files by which a step hands over its results, named by their variables.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files
 */
export type CommandFile = 'GITHUB_STATE' | 'GITHUB_OUTPUT' | 'GITHUB_STEP_SUMMARY'

/** What is lost without a file, and an entry that says nothing yet: act refuses an empty line. */
const purposes = {
  GITHUB_STATE: { lost: 'the end of the job could not stop a training', entry: 'finished=' },
  GITHUB_OUTPUT: { lost: 'later steps could not read the result', entry: 'verdict=' },
} as const

/**
 * Checks what costs nothing to check before anything is claimed: whether the step will be able to hand over its results.
 * An old runner has no such variables, and needs none.
 *
 * @param env the step's environment
 * @returns what will be missing and is no reason to start nothing, a sentence each
 * @throws Refused with the file, when state or outputs cannot be written
 */
export function checkCommandFiles(env: Readonly<Record<string, string | undefined>>): string[] {
  for (const [file, { lost, entry }] of Object.entries(purposes)) {
    // Only a write shows a full disk. What is written last counts.
    const problem = problemOf(env[file], `${entry}\n`)
    if (problem === null) continue
    throw new Refused(
      `${file} (${env[file]}) cannot be written, so that ${lost}: ${problem}. Nothing was started: free disk space on ` +
        'the runner, or let the step write there.',
    )
  }
  const summary = env.GITHUB_STEP_SUMMARY
  const problem = problemOf(summary, '')
  return problem === null
    ? []
    : [`GITHUB_STEP_SUMMARY (${summary}) cannot be written: this run will have no summary (${problem}).`]
}

/** The error of a failed write, with the file's name. */
export function cannotWrite(file: CommandFile, cause: unknown): Error {
  return new Error(`${file} (${process.env[file] ?? 'not set'}) cannot be written: ${messageOf(cause)}`, {
    cause,
  })
}

/** Why nothing can be appended to a file that must exist; null when it can, or there is no file. */
function problemOf(path: string | undefined, text: string): string | null {
  if (path === undefined || path === '') return null
  try {
    const file = openSync(path, constants.O_WRONLY | constants.O_APPEND)
    try {
      writeSync(file, text)
    } finally {
      closeSync(file)
    }
    return null
  } catch (error) {
    return messageOf(error)
  }
}
