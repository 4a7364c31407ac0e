import { cutWords } from '../http/answers/words.ts'
import { createHider } from '../http/hide-secret.ts'

/** `warn`: the caller made a mistake. `error`: the operator should act. */
export type LogLevel = 'info' | 'warn' | 'error'

/** Fields beside the message; undefined ones are omitted. */
type LogFields = Record<string, string | number | boolean | readonly string[] | undefined>

/** Writes one line of the log. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void

/** Room for GitHub's own words, of at most 400 characters, and for what to do. */
const maxTextLength = 1000

/**
 * Creates the log: one JSON object per line. JSON escapes control characters, so no text can start a line of its
 * own. Secrets are replaced by `***`, and long texts are cut after that: a cut would leave the beginning of a secret,
 * which is no longer recognised.
 *
 * @param options.write writes one line, given without its line end
 * @param options.now the time in milliseconds since the epoch
 * @param options.secrets texts that must never be written
 */
export function createLog(options: {
  write: (line: string) => void
  now: () => number
  secrets: readonly string[]
}): Log {
  const { write, now, secrets } = options
  const hide = createHider(secrets)
  return (level, message, fields) => {
    const entry: LogFields = { time: new Date(now()).toISOString(), level, message, ...fields }
    write(
      JSON.stringify(entry, (_name, value) =>
        typeof value === 'string' ? cutWords(hide(value), maxTextLength) : value,
      ),
    )
  }
}
