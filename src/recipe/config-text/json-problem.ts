import { cutText } from '../../domain/text/cut.ts'

/** What is wrong with a text that should be JSON. */
export interface TextProblem {
  /** Where, from the start of the text. */
  readonly offset: number
  /** What is wrong and what to do, as the end of a sentence. */
  readonly problem: string
}

/** What a JSON text may go on with. */
type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing'

interface Open {
  readonly bracket: '{' | '['
  readonly offset: number
  /** The keys so far and where they stand. */
  readonly keys: Map<string, number>
}

const space = /[ \t\r\n]*/y
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y
/** What a string has between its quotes: no control character but as an escape. */
const inString = /(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*/uy
const word = /[\p{L}_$][\p{L}\d_$-]*/uy

/** What other languages write for words of JSON. */
const otherWords: Readonly<Record<string, string>> = {
  True: 'true',
  False: 'false',
  None: 'null',
  nil: 'null',
  undefined: 'null',
}

/**
 * Finds the first thing in a text that JSON does not allow, or that it allows and nobody means: a key that is there
 * twice. https://www.rfc-editor.org/rfc/rfc8259
 *
 * @returns null when there is none
 */
export function jsonProblem(text: string): TextProblem | null {
  const open: Open[] = []
  let at = 0
  let expected: Expected = 'value'
  let comma = 0
  const after = (): Expected => (open.length === 0 ? 'nothing' : 'comma or end')
  for (;;) {
    at = skip(space, text, at)
    const character = text.charAt(at)
    const inside = open.at(-1)
    if (character === '') return expected === 'nothing' ? null : endsEarly(text, inside)
    if (expected === 'nothing') return describe(text, at, expected)
    if (character === closing(inside) && expected !== 'colon') {
      if (expected === 'value' || expected === 'key') {
        return text.charAt(comma) === ','
          ? { offset: comma, problem: `a comma before ${character} is not allowed: remove it` }
          : { offset: comma, problem: 'a value is missing after the colon' }
      }
      open.pop()
      at += 1
      expected = after()
    } else if (expected === 'comma or end' || expected === 'colon') {
      if (character !== (expected === 'colon' ? ':' : ',')) return describe(text, at, expected)
      comma = at
      at += 1
      expected = expected === 'colon' || inside?.bracket === '[' ? 'value' : 'key'
    } else if (expected === 'key' || expected === 'key or end') {
      const end = skipString(text, at)
      if (end === at) return describe(text, at, expected)
      const twice = addKey(inside, text.slice(at, end), at)
      if (twice !== null) return { offset: at, problem: `${twice}${placeOf(text, inside, at, end)}` }
      at = end
      expected = 'colon'
    } else if (character === '{' || character === '[') {
      open.push({ bracket: character, offset: at, keys: new Map() })
      at += 1
      expected = character === '{' ? 'key or end' : 'value or end'
    } else {
      const end = character === '"' ? skipString(text, at) : skip(scalar, text, at)
      if (end === at) return describe(text, at, expected)
      at = end
      expected = after()
    }
  }
}

/** Lines and columns count from 1. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

/** @returns where it began when no whole string begins there */
function skipString(text: string, at: number): number {
  if (text.charAt(at) !== '"') return at
  const end = skip(inString, text, at + 1)
  return text.charAt(end) === '"' ? end + 1 : at
}

function closing(inside: Open | undefined): string | null {
  if (inside === undefined) return null
  return inside.bracket === '{' ? '}' : ']'
}

function addKey(inside: Open | undefined, quoted: string, offset: number): string | null {
  const key = String(JSON.parse(quoted))
  if (inside?.keys.has(key)) return `the key ${shown(key)} is there twice`
  inside?.keys.set(key, offset)
  return null
}

function placeOf(text: string, inside: Open | undefined, at: number, end: number): string {
  const first = inside?.keys.get(String(JSON.parse(text.slice(at, end)))) ?? 0
  return ` (first at line ${lineAndColumn(text, first).line}): remove one`
}

function endsEarly(text: string, inside: Open | undefined): TextProblem {
  const missing =
    inside === undefined
      ? 'a value'
      : `a ${closing(inside)} for the ${inside.bracket} of line ${lineAndColumn(text, inside.offset).line}`
  return { offset: text.length, problem: `the file ends here, where ${missing} is missing` }
}

function describe(text: string, offset: number, expected: Expected): TextProblem {
  const rest = text.slice(offset, offset + 200)
  if (/^(?:\/[/*]|#)/.test(rest)) return { offset, problem: 'JSON has no comments: remove it' }
  if (expected === 'nothing') return { offset, problem: 'something follows the end of the value: remove it' }
  if (rest.startsWith('"') && !/^(?:colon|comma)/.test(expected)) return brokenString(text, offset)
  if (expected === 'colon') return { offset, problem: 'a colon is missing between a key and its value' }
  if (expected === 'comma or end' && /^["\w[{-]/.test(rest)) {
    return { offset, problem: 'a comma is missing before it' }
  }
  if (/^['`\u2018-\u201f]/.test(rest)) return { offset, problem: 'texts need straight double quotes: "..."' }
  const found = text.slice(offset, skip(word, text, offset))
  if (found !== '') return { offset, problem: ofWord(found, expected) }
  if (/^[-+.\d]/.test(rest) && expected.startsWith('value')) {
    return { offset, problem: 'this is no number as JSON writes it: put a text in double quotes' }
  }
  const [character = ''] = rest
  return { offset, problem: `${shown(character)} is not allowed here` }
}

function ofWord(found: string, expected: Expected): string {
  const other = Object.hasOwn(otherWords, found) ? otherWords[found] : undefined
  if (expected.startsWith('value') && other !== undefined) return `${found} is not JSON: write ${other}`
  if (/^(?:NaN|Infinity)$/.test(found)) return `JSON has no ${found}`
  const what = expected.startsWith('value') ? 'the text' : 'the key'
  return `${what} ${cutText(found, 50)} needs double quotes: ${shown(found)}`
}

/** The first character that a string may not have. */
function brokenString(text: string, offset: number): TextProblem {
  const inner = skip(inString, text, offset + 1)
  const found = text.charAt(inner)
  if (found === '\\') return { offset: inner, problem: 'a backslash is written as two: \\\\' }
  if (found === '\t') return { offset: inner, problem: 'a tab in a text is written as \\t' }
  return { offset, problem: 'the text that begins here has no closing quote on its line' }
}

/** A part of the text in quotes, cut where it is long. */
export function shown(text: string): string {
  return JSON.stringify(cutText(text, 50))
}
