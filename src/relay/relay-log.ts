import { createHider } from '../http/hide-secret.ts'

/** How much attention a line wants: `warn` is the caller's fault, `error` needs a person. */
export type LogLevel = 'info' | 'warn' | 'error'

/** Facts beside the message; those that are undefined are left out. */
export type LogFields = Record<string, string | number | boolean | readonly string[] | undefined>

/** Writes one line. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void

const maxTextLength = 500

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
  const hide = createHider(secrets)
  return (level, message, fields) => {
    const entry: LogFields = { time: new Date(now()).toISOString(), level, message, ...fields }
    write(JSON.stringify(entry, (_name, value) => (typeof value === 'string' ? shorten(hide(value)) : value)))
  }
}

/** Takes a text without secrets: a cut would leave the beginning of one, which is no longer recognised. */
function shorten(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)}...` : text
}
