import { saysKilled } from './launchers.ts'

/** The end of a traceback, and what shells print about a program that is missing. */
const exception =
  /^(?:[\w.$]{1,200}(?:Error|Exception|Exit|Interrupt|ExceptionGroup)(?: \[\w{1,80}\])?(?:: .*|:?)|(?:Caused by: |Exception in thread "[^"]{0,80}" )[\w.$]{1,200}(?:: .*)?|\S{1,100}: (?:line )?(?:\d+: )?\S{1,200}: (?:command )?not found)$/

/**
 * The last words of programs without exceptions: of C++, Go, Rust and glog.
 * https://pkg.go.dev/builtin#panic, https://doc.rust-lang.org/std/macro.panic.html
 */
const crash =
  /^terminate called (?:after throwing|without)|^(?:panic|fatal error): .|^thread '[^']{0,80}'(?: \(\d+\))? panicked at |^Fatal Python error: .|^F\d{4} [\d:.]+ .*\] ./

/** What `strerror` says, in which messages of programs end. https://man7.org/linux/man-pages/man3/errno.3.html */
const systemError =
  /: (?:\[Errno \d{1,3}\] )?(?:exec format error|cannot execute(?: binary file)?(?:: required file not found|: exec format error)?|no such file or directory|permission denied|no space left on device|cannot allocate memory|disk quota exceeded|read-only file system|input\/output error|too many open files|argument list too long|is a directory|not a directory|unbound variable|connection refused|operation not permitted)\.?$/i

/** What programs write before their error. */
const stated: readonly RegExp[] = [
  // uv and other programs in Rust: https://docs.rs/miette
  /^[×✗✘] \S/,
  /^error(?:\[\w{1,20}\])?: \S/i,
  // argparse, which names subcommands: https://docs.python.org/3/library/argparse.html#argparse.ArgumentParser.error
  /^\S{1,200}(?: [\w.-]{1,50}){0,3}: error: \S/,
  // R
  /^Error in .{1,300}/,
  /^Error \[\w{1,80}\]: \S/,
  /^(?:fatal|fatal error): \S/i,
  /^E: \S/,
  // Hydra and Elixir
  /^Could not override '|^\*\* \(\w/,
  /^npm (?:ERR!|error) \S/,
  /^curl: \(\d{1,3}\) \S/,
  /^(?:docker: )?Error response from daemon: \S/,
  /^\S{1,200}: (?:line )?(?:\d{1,6}: )?syntax error\b/i,
  /^\S{1,200}: No module named \S+$/,
]

/** The line of a logger about an error. Its message may come after the place that logged it. */
const logged =
  /^(?:\[?[\w.-]{1,100}\]? - |- |[\w.-]{1,100}: (?=\[?(?:ERROR|CRITICAL)\b))?(?:\[(?:ERROR|CRITICAL|FATAL|error|critical|fatal) {0,8}\]|(?:ERROR|CRITICAL|FATAL)\b)(?: \[[^[\]]{1,200}\])?[ :|-]+(?:\d{4}-[\d :.,-]{6,30}\| )?(?:[\w.:<>]{1,200}:\d{1,6} - )?(.+)$/

/** Python's logger without a configuration: `ERROR:name:message`. */
const plainLogged = /^(?:ERROR|CRITICAL|FATAL):[\w.]{1,200}:(?=\S)(.+)$/

/** GitHub's and Azure's commands for an annotation. */
const annotated = /^(?:::error(?: [^:]{0,400})?::|##\[error\])(.+)$/

/** Errors that trainings print and go on. */
const harmless =
  /^(?:ERROR: )?pip's dependency resolver does not\b|^fatal: not a git repository\b|\bretry(?:ing)?\b|\bwill be ignored\b|^rm: /i

/** Whether a line is the last one of an exception, or says that a program crashed, was killed or is missing. */
export function isDirectError(text: string): boolean {
  return exception.test(text) || crash.test(text) || saysKilled(text)
}

/** What a line states as an error in the words of its program or logger; null when it states none. */
export function statedError(text: string): string | null {
  if (harmless.test(text)) return null
  const message = annotated.exec(text)?.[1] ?? plainLogged.exec(text)?.[1] ?? logged.exec(text)?.[1]
  if (message !== undefined) return harmless.test(message) ? null : message.trim()
  return systemError.test(text) || stated.some((pattern) => pattern.test(text)) ? text : null
}
