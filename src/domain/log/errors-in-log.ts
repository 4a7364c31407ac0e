import { isDirectError, statedError } from './error-lines.ts'
import { errorMessage, isLink, maxMessageLines, oneLine } from './error-message.ts'
import { onlyPassesOn } from './launchers.ts'
import { type ProgramLine, programLine } from './program-text.ts'
import { uvErrorAtEnd } from './uv.ts'

/** In Python's groups of exceptions, a sign stands before it. */
const tracebackStarts = /\bTraceback \(most recent call last\):?$/

/** Python prints these while it ends; they decide nothing. */
const ignoredException = /^Exception ignored in\b/

/** AutoTrain's own report of the exception that ended its trainer. */
const autotrainReport = /\bhas failed due to an exception: Traceback \(most recent call last\):$/

/** Our script begins to push again. What fails from here on, fails to push. */
const pushesAgain = /^auto-retrain: pushing the model/

/** An exception that says nothing but its class. */
const bareException = /^[\w.]+:?$/

/** The end of a traceback: the class, also of a function's own, and its message. */
const exceptionEnd = /^[\p{L}_][\w.<>]{0,200}(?::|$)/u

/** A title in the frame of a box, as rich draws it around an error of a command line. */
const errorBox = /^[╭+][─-]+ Error [─-]/

/** A process that prints more after an error went on. */
const maxLinesAfter = 20

interface FoundError {
  readonly text: string
  /** The place of its line in the log. */
  readonly at: number
  /** The process that printed it, as its launcher names it; empty where it does not. */
  readonly source: string
  /** How many lines its process printed after it. */
  readonly linesAfter: number
  /** Whether another error is a better cause. */
  readonly passesOn: boolean
  /** Whether it is the exception that AutoTrain reports. */
  readonly isReported: boolean
  /** Whether a push that was repeated printed it. */
  readonly isOfPush: boolean
  /** The place of the traceback that its chain of exceptions, or its group, begins with; null for an error without one. */
  readonly chain: number | null
}

/** The lines of one process. */
interface ProcessLog {
  readonly source: string
  readonly lines: (ProgramLine & { at: number })[]
}

interface Found {
  /** Exceptions and crashes. */
  readonly errors: FoundError[]
  /** What programs and loggers state as errors, without what only passes on another one. */
  readonly stated: { text: string; at: number }[]
}

/**
 * Finds the errors in the last lines of a run's log.
 *
 * @param lines untrusted
 * @returns each in one line of at most 400 characters, the most likely cause first: the last error that does not only pass
 *   on another one; of several processes, that of the one which failed first; of a group of exceptions, the first in it;
 *   of AutoTrain, the exception that it reports. Then the others, the last one first. An error that no exception
 *   carries counts where there is nothing better.
 */
export function errorsInLog(lines: readonly string[]): string[] {
  const { cause, errors, stated } = findErrors(lines)
  const others = errors.filter((error) => error !== cause).toReversed()
  const ordered = cause === undefined ? [...stated.toReversed(), ...others] : [cause, ...others]
  return ordered.map(({ text }) => text)
}

/**
 * Finds what may explain a failure: the likely cause, and the exceptions that it was raised from or stands in a group
 * with. Other errors may have nothing to do with it, so they count only where no cause was found.
 *
 * @param lines untrusted
 * @returns each in one line of at most 400 characters, the cause first
 */
export function errorsOfCause(lines: readonly string[]): string[] {
  const { cause, errors } = findErrors(lines)
  if (cause === undefined) return errorsInLog(lines)
  const isRelated = ({ chain, source }: FoundError) => chain === cause.chain && source === cause.source
  const related = cause.chain === null ? [] : errors.filter((error) => error !== cause && isRelated(error))
  return [cause, ...related.toReversed()].map(({ text }) => text)
}

/**
 * Finds the likely cause in the last lines of a run's log. Lines before them count only where the last ones come from one
 * of several processes, or only say that another error happened: then the cause may stand further up.
 *
 * @param lines untrusted
 * @param lastLines how many of them are the last ones
 * @returns one line of at most 400 characters; null when the last lines have no error
 */
export function causeInLog(lines: readonly string[], lastLines: number): string | null {
  const last = lines.slice(-lastLines)
  const { cause, errors, stated } = findErrors(last)
  const mayStandFurtherUp =
    cause === undefined ? errors.length > 0 && stated.length === 0 : cause.source !== ''
  return errorsInLog(mayStandFurtherUp ? lines : last)[0] ?? null
}

function findErrors(lines: readonly string[]): Found & { cause: FoundError | undefined } {
  const whole = [...lines]
  const ofUv = uvErrorAtEnd(whole)
  // What uv shows of other programs' output would look like errors of their own.
  if (ofUv !== null) return { cause: undefined, errors: [], stated: [{ text: ofUv.text, at: 0 }] }
  const found = processLogs(whole).map(readErrors)
  const errors = found.flatMap((each) => each.errors).toSorted((a, b) => a.at - b.at)
  const stated = found.flatMap((each) => each.stated).toSorted((a, b) => a.at - b.at)
  return { cause: causeAmong(errors), errors, stated }
}

/** The error that is the cause; undefined when all of them only pass on that another one happened. */
function causeAmong(errors: readonly FoundError[]): FoundError | undefined {
  const direct = errors.filter(({ passesOn }) => !passesOn)
  return (
    direct.findLast(({ isOfPush }) => isOfPush) ??
    direct.findLast(({ isReported }) => isReported) ??
    ofFirstProcess(direct)
  )
}

/** The last error; where a process of several printed it, the last one of the process that failed first. */
function ofFirstProcess(errors: readonly FoundError[]): FoundError | undefined {
  const last = errors.at(-1)
  if (last === undefined || last.source === '') return last
  const ends = errors.filter(({ source, linesAfter }) => source !== '' && linesAfter <= maxLinesAfter)
  const lastOfEach = new Map(ends.map((each) => [each.source, each]))
  return [...lastOfEach.values()].toSorted((a, b) => a.at - b.at)[0] ?? last
}

/** The lines of each process: those of several come mixed. */
function processLogs(lines: readonly string[]): ProcessLog[] {
  const logs = new Map<string, ProcessLog>()
  for (const [at, line] of lines.entries()) {
    const read = programLine(line)
    const log = logs.get(read.source) ?? { source: read.source, lines: [] }
    log.lines.push({ ...read, at })
    logs.set(read.source, log)
  }
  return [...logs.values()]
}

function readErrors({ source, lines }: ProcessLog): Found {
  const found: Found = { errors: [], stated: [] }
  const texts = lines.map(({ text }) => text)
  /** The indentation of the traceback that the line belongs to; null outside one. */
  let traceback: number | null = null
  let isReported = false
  let isChained = false
  let isOfPush = false
  let chain: number | null = null
  let isIgnored = false
  /** Of a group of exceptions: whether its first exception was found; null outside a group. */
  let foundInGroup: boolean | null = null

  const addError = (index: number, at: number): void => {
    const message = errorMessage(texts.slice(index, index + maxMessageLines), { isWhole: isReported })
    // A long command stands before what happened to it, and a message is cut.
    const text = (texts[index] ?? '').trim()
    const isGroup = /\(\d+ sub-exceptions?\)$/.test(text)
    const passesOn = onlyPassesOn(text) || (isChained && bareException.test(message)) || foundInGroup === true
    if (foundInGroup === false && !isGroup) foundInGroup = true
    if (isGroup) foundInGroup ??= false
    found.errors.push({
      text: message,
      at,
      source,
      linesAfter: lines.length - 1 - index,
      passesOn,
      isReported,
      isOfPush,
      chain: traceback === null && foundInGroup === null ? null : chain,
    })
  }

  for (const [index, { text: line, isBoxed, at }] of lines.entries()) {
    if (!isBoxed && line !== '') foundInGroup = null
    if (ignoredException.test(line)) isIgnored = true
    if (pushesAgain.test(line)) isOfPush = true
    if (tracebackStarts.test(line)) {
      isChained = followsAnother(texts, index)
      if (!isChained && foundInGroup === null) chain = at
      isReported = autotrainReport.test(line) || (isReported && isChained)
      traceback = line.startsWith('╭') ? null : indentOf(line)
      continue
    }
    if (traceback !== null && (line === '' || indentOf(line) > traceback)) continue
    const text = line.trim()
    if ((traceback !== null && exceptionEnd.test(text)) || isDirectError(text)) {
      if (!isIgnored) addError(index, at)
      isIgnored = false
    } else {
      const message = statedIn(texts, index)
      if (message !== null && !onlyPassesOn(text) && !onlyPassesOn(message)) {
        found.stated.push({ text: message, at })
      }
    }
    traceback = null
  }
  return found
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

/** What a line states as an error, in one line. */
function statedIn(texts: readonly string[], index: number): string | null {
  const text = (texts[index] ?? '').trim()
  if (errorBox.test(text)) {
    const rest = texts.slice(index + 1, index + 9)
    const end = rest.findIndex((line) => /^[╰+]/.test(line))
    return end <= 0 ? null : oneLine(rest.slice(0, end).join(' '))
  }
  const message = statedError(text)
  if (message === null) return null
  return message === text
    ? errorMessage(texts.slice(index, index + maxMessageLines), { isWhole: false })
    : oneLine(message)
}

/** Whether a traceback belongs to an exception that the one before it led to. */
function followsAnother(lines: readonly string[], index: number): boolean {
  const before = lines.slice(Math.max(0, index - 3), index).findLast((line) => line !== '')
  return before !== undefined && isLink(before)
}
