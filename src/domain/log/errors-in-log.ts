import { programText } from './program-text.ts'

/** Enough of an error to recognise it, in characters. */
const maxErrorLength = 400

/** A message of several lines continues for at most so many. */
const maxContinuation = 8

/** An exception, and what shells and kernels print about a program that is missing or was killed. */
const errorLine =
  /^(?:[\w.]{1,200}(?:Error|Exception|Exit|Interrupt)(?:: .*|:?)|.*\bKilled\b.*|traceback : Signal \d+ .*|\S{1,100}: (?:line )?(?:\d+: )?\S{1,200}: (?:command )?not found)$/

/** The line of a logger about an error. AutoTrain's has the place that logged it before the message. */
const loggedError = /^(?:ERROR|CRITICAL|FATAL)\b[ :|]+(?:[^|]{1,40}\| [\w.:<>]{1,200} - )?(.+)$/

const tracebackStarts = /\bTraceback \(most recent call last\):?$/

/** Python prints these while it ends; they decide nothing. */
const ignoredException = /^Exception ignored in\b/

/** AutoTrain's own report of the exception that ended its trainer. */
const autotrainReport = /\bhas failed due to an exception: Traceback \(most recent call last\):$/

/** Our script begins to push again. What fails from here on, fails to push. */
const pushesAgain = /^auto-retrain: pushing the model/

/**
 * Errors that only pass on that another one happened: the launcher saw its program fail, or a rank lost another one.
 * A program that was killed by SIGKILL prints nothing itself, so that what its launcher says of it is the cause.
 */
const passesOn = [
  /^subprocess\.CalledProcessError: Command .*(?:python|accelerate|torchrun|deepspeed|autotrain).* returned non-zero exit status/,
  /\bdied with <Signals\.SIGTERM\b/,
  /\bChildFailedError\b/,
  /\bProcess(?:Raised|Exited)Exception\b/,
  /\bRayTaskError\b/,
  /\bDistBackendError\b|\bnccl(?:Remote|System|Internal)Error\b|Connection closed by peer/,
  /\bDatasetGenerationError\b/,
  /^(?:SystemExit|(?:click|typer)\.exceptions\.Exit)\b/,
]

interface FoundError {
  readonly text: string
  /** Whether it is the exception that AutoTrain reports. */
  readonly isReported: boolean
  /** Whether a push that was repeated printed it. */
  readonly isOfPush: boolean
}

/**
 * Finds the errors in the last lines of a run's log.
 *
 * @param lines untrusted
 * @returns each in one line, the most likely cause first: the last error that does not only pass on another one, and of
 *   AutoTrain the exception that it reports. Then the others, the last one first.
 */
export function errorsInLog(lines: readonly string[]): string[] {
  const { errors, logged } = readErrors(lines.map(programText))
  const cause = causeAmong(errors)
  if (cause === undefined) return logged.toReversed()
  const others = errors.filter((error) => error !== cause).toReversed()
  return [cause, ...others].map(({ text }) => text)
}

function causeAmong(errors: readonly FoundError[]): FoundError | undefined {
  const direct = errors.filter(({ text }) => !passesOn.some((pattern) => pattern.test(text)))
  return (
    direct.findLast(({ isOfPush }) => isOfPush) ??
    direct.findLast(({ isReported }) => isReported) ??
    direct.at(-1) ??
    errors.at(-1)
  )
}

function readErrors(lines: readonly string[]): { errors: FoundError[]; logged: string[] } {
  const errors: FoundError[] = []
  const logged: string[] = []
  let isInTraceback = false
  let isReported = false
  let isOfPush = false
  let isIgnored = false
  lines.forEach((line, index) => {
    if (ignoredException.test(line)) isIgnored = true
    if (pushesAgain.test(line)) isOfPush = true
    if (tracebackStarts.test(line)) {
      isReported = autotrainReport.test(line) || (isReported && isChained(lines, index))
      isInTraceback = !line.startsWith('╭')
      return
    }
    if (isInTraceback && (line === '' || /^\s/.test(line))) return
    const text = line.trim()
    if (isInTraceback || errorLine.test(text)) {
      if (!isIgnored)
        errors.push({ text: withContinuation(lines, { index, isReported }), isReported, isOfPush })
      isIgnored = false
    } else {
      const [, message] = loggedError.exec(text) ?? []
      if (message !== undefined) logged.push(message.slice(0, maxErrorLength))
    }
    isInTraceback = false
  })
  return { errors, logged }
}

/** Whether a traceback belongs to an exception that the one before it led to. */
function isChained(lines: readonly string[], index: number): boolean {
  const before = lines.slice(Math.max(0, index - 3), index).findLast((line) => line !== '')
  return before !== undefined && isLink(before)
}

function isLink(line: string): boolean {
  return (
    line.startsWith('During handling of the above exception') ||
    line.startsWith('The above exception was the direct cause')
  )
}

/** Joins an error with the lines that continue its message, where they are known to be such. */
function withContinuation(
  lines: readonly string[],
  { index, isReported }: { index: number; isReported: boolean },
): string {
  const first = (lines[index] ?? '').trim()
  const next = lines.slice(index + 1, index + 1 + 3 * maxContinuation)
  const end = next.findIndex((line) => isNoMessage(line))
  const message = (end === -1 ? next : next.slice(0, end)).filter((line) => line.trim() !== '')
  const invalid = /\b(\d+ validation errors? for \w+)/.exec(first)?.[1]
  const text =
    invalid === undefined
      ? [first, ...(isReported || isOfTheHub(first) ? message.slice(0, maxContinuation) : [])].join(' ')
      : `${invalid}: ${validationErrors(next).join('; ')}`
  return text.replaceAll(/\s+/g, ' ').slice(0, maxErrorLength)
}

/** The Hub's client writes what the Hub answered, and the URL, into further lines. */
function isOfTheHub(error: string): boolean {
  return /^(?:huggingface_hub|requests|httpx)\./.test(error)
}

/** Whether a line begins something else than the rest of a message. */
function isNoMessage(line: string): boolean {
  return (
    /^(?:[A-Z]+ +\| |===|auto-retrain: )/.test(line) ||
    isLink(line) ||
    /Traceback \(|^Exception ignored/.test(line)
  )
}

/**
 * Reads which fields pydantic refused, and why: the field stands in a line of its own, its sentence in the next one,
 * with the value in brackets. https://docs.pydantic.dev/latest/errors/validation_errors/
 */
function validationErrors(lines: readonly string[]): string[] {
  const found: string[] = []
  for (const [index, line] of lines.entries()) {
    const sentence = lines[index + 1] ?? ''
    if (!/^[\w.[\]-]{1,100}$/.test(line) || !/^ {2}\S/.test(sentence)) continue
    const value = sentence.indexOf(' [type=')
    found.push(`${line}: ${(value === -1 ? sentence : sentence.slice(0, value)).trim()}`)
  }
  return found
}
