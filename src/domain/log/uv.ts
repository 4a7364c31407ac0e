import { oneLine } from './error-message.ts'
import { onlyPassesOn } from './launchers.ts'

/** How uv says that what a script needs is installed: from here on, the script runs. */
const installed = /^\s*Installed \d{1,6} packages? in \d/

/** What uv prints while it prepares a run. */
const progress =
  /^\s*(?:Installed|Uninstalled|Resolved|Prepared|Audited) \d{1,6} packages? in \d|^\s*(?:Downloading|Downloaded|Updating|Updated|Building|Built) \S|^Using (?:CPython|PyPy|GraalPy|Python) |^Creating virtual environment |^Reading inline script metadata /

/** uv 0.10 and newer; older ones, for what they do not draw. */
const statedHead = /^error: (\S.*)$/

/** Up to uv 0.9, wrapped at 80 columns. https://docs.rs/miette */
const drawnHead = /^ {0,4}× (\S.*)$/

const statedCause = /^ {2}(?:cause|Caused by): (.*)$/
const drawnCause = /^ {0,4}[├╰]─[▶>] (.*)$/

/** A line that goes on with the text above it. */
const statedContinuation = /^ {4,}(?!---|\[std)(\S.*)$/
const drawnContinuation = /^ {0,4}(?:│ {1,3}| {2,4})(?!---|\[std)(\S.*)$/

/** What uv shows of a text: numbered lines behind a bar, and what is marked in them. */
const picture = /^\s*(?:\d{1,6} )?\|/

/** Errors that uv is known to state without a cause below. Other programs write `error: ` too. */
const known =
  /^(?:No interpreter found for |No solution found when |TOML parse error at |An opening tag |The script contains multiple PEP 723 |Request failed after |The lockfile at |Unable to find lockfile |Failed to (?:spawn: |build `|resolve script requirement|initialize cache )|failed to create directory )/

/** What else may stand before it: the commands of a shell that shows them, and pip, which may install uv. */
const preparation =
  /^\+{1,3} |^warning: |^\s*(?:Collecting|Installing collected packages:|Successfully installed|Requirement already satisfied:|Using cached|Looking in) |^\s*━|^(?:WARNING: |\[notice\] )/

/** The error of another program in what uv shows of its output. */
const innerError = /^(?:fatal: \S|(?:[\w.]{1,100}(?:Error|Exception)): \S|error: \S)/

/** What a log, a shell or the Hub adds behind the last word of a program. */
const trailer = /^\s*$|^={3,}|^Job (?:started|ended|finished)\b|^exit status \d+$/

/** What is known to pass: no answer, or one that says that the server is the one that failed. */
const unreachable =
  /\bRequest failed after \d{1,3} retr|\berror sending request for url\b|\bHTTP status server error\b|\b429 Too Many Requests\b|\boperation timed out\b|\bConnection (?:refused|reset)\b|\bdns error\b/i

/** More lines above the end of a log do not belong to one error. */
const maxBlock = 150

/** An error with which uv ended, before it ran anything or instead of it. */
export interface UvError {
  /** One line of at most 400 characters: what failed, and why. */
  readonly text: string
  /** Whether uv failed to prepare the script's environment, so that the script never ran. */
  readonly isBeforeScript: boolean
  /** Whether a server did not answer or failed, so that the same run may succeed later. */
  readonly mayPass: boolean
}

/** Whether a line is what uv prints on its way, which is never an error. */
export function isUvProgress(line: string): boolean {
  return progress.test(line)
}

/** Whether a line says that uv installed what a script needs. */
export function saysInstalled(line: string): boolean {
  return installed.test(line)
}

/**
 * Reads the error with which uv ended: `error:` with `cause:` lines, or with older versions a drawn and wrapped tree of
 * reasons. It must be the last thing in the log: what comes later is a better cause.
 * https://docs.astral.sh/uv/reference/cli/#uv-run
 *
 * @param lines untrusted, without colours
 * @returns null when the log does not end with an error of uv
 */
export function uvErrorAtEnd(lines: readonly string[]): UvError | null {
  const end = lines.findLastIndex((line) => !trailer.test(line)) + 1
  const first = Math.max(0, end - maxBlock)
  for (let start = end - 1; start >= first; start -= 1) {
    if (!/^(?:error: | {0,4}× )/.test(lines[start] ?? '')) continue
    const block = lines.slice(start, end).map((line) => line.trimEnd())
    const pieces = piecesOf(block)
    if (pieces === null) continue
    const text = oneLine(joined(shownPieces(pieces, block)))
    const before = lines.slice(0, start)
    const isBeforeScript = before.every(mayStandBefore) && !before.some(saysInstalled)
    const all = `${pieces.head} ${pieces.causes.join(' ')}`
    // What uv says of git comes from git.
    const mayPass = unreachable.test(all) && !/\bGit operation failed\b/.test(all)
    return { text, isBeforeScript, mayPass }
  }
  return null
}

/** Whether no script can have printed a line. */
function mayStandBefore(line: string): boolean {
  return progress.test(line) || preparation.test(line) || trailer.test(line)
}

interface Pieces {
  readonly head: string
  readonly causes: readonly string[]
  /** The last error of another program, whose output is shown below the causes. */
  readonly inner: string | null
}

/** Reads the lines from an error of uv to the end of a log; null when they are something else. */
function piecesOf(block: readonly string[]): Pieces | null {
  const [first = '', ...rest] = block
  const stated = statedHead.exec(first)?.[1]
  const head = stated ?? drawnHead.exec(first)?.[1]
  if (head === undefined || onlyPassesOn(first)) return null
  const [causePattern, goesOn] =
    stated === undefined ? [drawnCause, drawnContinuation] : [statedCause, statedContinuation]
  const texts = [head]
  let shown: string[] | null = null
  let isHint = false
  for (const line of rest) {
    const cause = causePattern.exec(line)?.[1]
    const continued = goesOn.exec(line)?.[1]
    isHint ||= /^\s*hint: /.test(line)
    if (cause !== undefined && shown === null) texts.push(cause)
    else if (continued !== undefined && shown === null) texts.push(`${texts.pop()} ${continued}`)
    else if (isHint || line === '' || /^\s/.test(line) || isPicture(head)) shown = [...(shown ?? []), line]
    else return null
  }
  const causes = texts.slice(1)
  if (stated !== undefined && causes.length === 0 && !known.test(stated)) return null
  return { head: texts[0] ?? head, causes, inner: innerErrorIn(shown ?? []) }
}

function isPicture(head: string): boolean {
  return head.startsWith('TOML parse error at ')
}

/** The last error among indented lines, with the lines that it was wrapped into. */
function innerErrorIn(shown: readonly string[]): string | null {
  const at = shown.findLastIndex((line) => innerError.test(line.trim()))
  if (at === -1) return null
  const rest = shown.slice(at + 1)
  const end = rest.findIndex((line) => line.trim() === '' || /^\s*hint: /.test(line))
  return [shown[at], ...(end === -1 ? rest : rest.slice(0, end))].map((line) => line?.trim()).join(' ')
}

/** What failed, the first reason, and the last one: those between them are steps of uv's own. */
function shownPieces({ head, causes, inner }: Pieces, block: readonly string[]): string[] {
  if (isPicture(head)) {
    const message = block.slice(1).find((line) => line.trim() !== '' && !picture.test(line))
    return [head, ...(message === undefined ? [] : [message.trim()])]
  }
  const [why] = causes
  const last = inner ?? causes.at(-1)
  return [head, ...(why === undefined ? [] : [why]), ...(last === undefined || last === why ? [] : [last])]
}

function joined(texts: readonly string[]): string {
  return texts.map((text, index) => (index < texts.length - 1 ? text.replace(/[:.]$/, '') : text)).join(': ')
}
