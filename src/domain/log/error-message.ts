import { cutText } from '../text/cut.ts'

/** Enough of an error to recognise it, in characters. */
const maxLength = 400

/** A message of several lines continues for at most so many. */
const maxContinuation = 8

/** More lines after the first one of a message are not looked at. */
export const maxMessageLines = 1 + 3 * maxContinuation

/** Whatever ends a line or cannot be shown becomes a space. */
const blanks = /[\s\p{Cc}\u2028\u2029]+/gu

/** Makes one line of at most 400 characters of a text. */
export function oneLine(text: string): string {
  return cutText(text.replaceAll(blanks, ' ').trim(), maxLength)
}

/**
 * Joins an error with the lines that continue its message, where they are known to be such.
 *
 * @param lines what one process printed, from the error on
 * @param options.isWhole whether all lines up to the next message belong to it
 * @returns one line of at most 400 characters
 */
export function errorMessage(lines: readonly string[], { isWhole }: { isWhole: boolean }): string {
  const [first = '', ...rest] = lines.slice(0, maxMessageLines)
  const text = first.trim()
  const invalid = /\b(\d+ validation errors? for \w+)/.exec(text)?.[1]
  if (invalid !== undefined) return oneLine(`${invalid}: ${validationErrors(rest).join('; ')}`)
  const further = isWhole || isOfTheHub(text) ? untilNextMessage(rest) : continuationOf(text, rest)
  const message = further.filter(saysSomething).slice(0, maxContinuation)
  return oneLine([text.replace(/^[×✗✘] /, ''), ...message].join(' '))
}

/** Whether a line is neither empty nor the frame of a box or of a group of exceptions. */
function saysSomething(line: string): boolean {
  return line.trim() !== '' && !/^\s*\+[-+]{2}/.test(line)
}

/** Whether a line leads from one exception to the one that followed it. */
export function isLink(line: string): boolean {
  return (
    line.startsWith('During handling of the above exception') ||
    line.startsWith('The above exception was the direct cause')
  )
}

/** The lines that continue the message of a program that is known to write several. */
function continuationOf(text: string, rest: readonly string[]): string[] {
  const [next = ''] = rest
  // What C++ says of the exception that it did not catch, in a line of its own.
  if (text.startsWith('terminate called')) return next.trim().startsWith('what():') ? [next] : []
  // R and Rust put the message below its place.
  if (/^Error in .*:$|\bpanicked at .*:$/.test(text)) return [next]
  // An exception whose message begins in the next line, or lists what is wrong.
  if (/^[\w.]{1,200}: ?(?:.*:)?$/.test(text)) return listed(rest)
  if (!/^(?:[×✗✘] |error\b)/i.test(text)) return []
  const end = rest.findIndex((line) => !isReason(line) && (/^e/i.test(text) || !/^ {2,}\S/.test(line)))
  return (end === -1 ? rest : rest.slice(0, end)).map((line) => line.replace(/^\s*[├╰└]─[─▶>]*\s*/, ''))
}

/** The lines that are indented, also below an empty one; where there are none, the next one if it has words. */
function listed(lines: readonly string[]): string[] {
  const rest = lines[0] === '' ? lines.slice(1) : lines
  const end = rest.findIndex((line) => !/^\s+\S/.test(line))
  const indented = end === -1 ? rest : rest.slice(0, end)
  return indented.length > 0 ? indented.slice(0, 3) : lines.slice(0, 1).filter((line) => /^\w/.test(line))
}

/** uv and miette draw a tree of reasons, anyhow and newer versions of uv indent them. */
function isReason(line: string): boolean {
  return /^\s*(?:[├╰└]─|Caused by:|cause: )/.test(line)
}

/** The Hub's client writes what the Hub answered, and the URL, into further lines. */
function isOfTheHub(error: string): boolean {
  return /^(?:huggingface_hub|requests|httpx)\./.test(error)
}

function untilNextMessage(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex(
    (line) =>
      /^(?:[A-Z]+ +\| |===|auto-retrain: )/.test(line) ||
      isLink(line) ||
      /Traceback \(|^Exception ignored/.test(line),
  )
  return end === -1 ? lines : lines.slice(0, end)
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
