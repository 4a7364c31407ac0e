import * as core from '@actions/core'
import { type Log, oneLine } from '../../run/log/log.ts'
import { hideSecrets } from './secrets.ts'

/** The title of every annotation, so that people see which step it belongs to. */
const annotation = { title: 'auto-retrain' }

/** One line without secrets that the runner takes as text. */
const safe = (text: string) => oneLine(hideSecrets(text))

/** The log of the step. */
export const stepLog: Log = {
  info: (line) => core.info(safe(line)),
  debug: (line) => core.debug(safe(line)),
  notice: (message) => core.notice(safe(message), annotation),
  warning: (message) => core.warning(safe(message), annotation),
  group: (title, work) => core.group(safe(title), work),
}

/**
 * Fails the step with an error annotation. The step goes on; its exit code is 1 when it ends. Unlike
 * `core.setFailed`, the annotation has the title that notices and warnings have.
 */
export function failStep(message: string): void {
  process.exitCode = core.ExitCode.Failure
  core.error(safe(message), annotation)
}
