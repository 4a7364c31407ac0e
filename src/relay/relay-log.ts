/** `warn`: the caller made a mistake. `error`: the operator should act. */
export type LogLevel = 'info' | 'warn' | 'error'

/** Fields beside the message; undefined ones are omitted. */
type LogFields = Record<string, string | number | boolean | readonly string[] | undefined>

/** Writes one line of the log. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void

const maxTextLength = 500

/** Hiding shorter texts would make the log unreadable, and they are no secrets. */
const minHiddenLength = 8

/**
 * Creates the log: one JSON object per line. JSON escapes control characters, so no text can start a line of its
 * own. Long texts are cut, and secrets are replaced by `***`.
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
  const toHide = secrets.filter((secret) => secret.length >= minHiddenLength)
  const escaped = toHide.map((secret) => JSON.stringify(secret).slice(1, -1))
  return (level, message, fields) => {
    const entry: LogFields = { time: new Date(now()).toISOString(), level, message, ...fields }
    for (const name in entry) {
      const value = entry[name]
      if (typeof value === 'string' && value.length > maxTextLength) {
        // Hidden before the cut: half a secret would not be recognised afterwards.
        entry[name] = `${hide(value, toHide).slice(0, maxTextLength)}...`
      }
    }
    write(hide(JSON.stringify(entry), escaped))
  }
}

function hide(text: string, secrets: readonly string[]): string {
  return secrets.reduce((result, secret) => result.replaceAll(secret, '***'), text)
}
