import * as core from '@actions/core'
import { type Log, oneLine } from '../../run/log/log.ts'

/** The log of the step. */
export const stepLog: Log = {
  info: (line) => core.info(oneLine(line)),
  debug: (line) => core.debug(line),
  notice: (message) => core.notice(oneLine(message), { title: 'auto-retrain' }),
  warning: (message) => core.warning(oneLine(message), { title: 'auto-retrain' }),
  group: (title, work) => core.group(oneLine(title), work),
}
