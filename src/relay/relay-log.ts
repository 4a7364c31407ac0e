/** How much attention a line wants: `warn` is the caller's fault, `error` needs a person. */
export type LogLevel = 'info' | 'warn' | 'error'

/** Facts beside the message; those that are undefined are left out. */
type LogFields = Record<string, string | number | boolean | readonly string[] | undefined>

/** Writes one line. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void

const maxTextLength = 500

/** A secret shorter than this is no secret, and taking it out would only spoil the sentences. */
const minHiddenLength = 8

/**
 * Makes the log: one JSON object a line. JSON escapes control characters, so no text can begin a line of its
 * own; long text is cut; the relay's own secrets are taken out wherever they turn up.
 *
 * @param options.write takes one line, without its end
 * @param options.now milliseconds since the epoch
 * @param options.secrets texts that must never be seen
 */
export function createLog(options: {
  write: (line: string) => void
  now: () => number
  secrets: readonly string[]
}): Log {
  const { write, now, secrets } = options
  const hidden = secrets.filter((secret) => secret.length >= minHiddenLength)
  const escaped = hidden.map((secret) => JSON.stringify(secret).slice(1, -1))
  return (level, message, fields) => {
    const entry: LogFields = { time: new Date(now()).toISOString(), level, message, ...fields }
    for (const name in entry) {
      const value = entry[name]
      if (typeof value === 'string' && value.length > maxTextLength) {
        // What is cut off may be the rest of a secret, whose beginning nobody would know for one.
        entry[name] = `${hide(value, hidden).slice(0, maxTextLength)}...`
      }
    }
    write(hide(JSON.stringify(entry), escaped))
  }
}

function hide(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}
