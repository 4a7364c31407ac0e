import { validRange } from '@renovatebot/pep440'
import { parse, TomlError } from 'smol-toml'
import { UvError } from './uv-error.ts'

/** What the header of a script asks for. */
export interface ScriptHeader {
  /** As they are written there, for example `torch>=2`. */
  dependencies: readonly string[]
  requiresPython?: string
}

const OPENING = '# /// script'
const CLOSING = '# ///'

/** The lines of comments from an opening on, without their marks, up to the last closing line among them. */
function blockAt(lines: readonly string[], start: number): { body: string[]; next: number } {
  const rest = lines.slice(start + 1)
  const length = rest.findIndex((line) => line !== '#' && !line.startsWith('# '))
  const run = length < 0 ? rest : rest.slice(0, length)
  const end = run.lastIndexOf(CLOSING)
  if (end < 0) {
    throw new UvError(
      2,
      'error: An opening tag (`# /// script`) was found without a closing tag (`# ///`). ' +
        'Ensure that every line between the opening and closing tags (including empty lines) starts with a leading `#`.',
    )
  }
  return { body: run.slice(0, end).map((line) => line.slice(2)), next: start + 2 + end }
}

function tomlError({ line, column, what }: { line: number; column: number; what: string }, text: string) {
  const bar = ' '.repeat(String(line).length)
  return new UvError(
    2,
    `error: TOML parse error at line ${line}, column ${column}`,
    `${bar} |`,
    `${line} | ${text.split('\n')[line - 1] ?? ''}`,
    `${bar} | ${' '.repeat(column - 1)}^`,
    what,
  )
}

function parseToml(text: string): Record<string, unknown> {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const { line, column, message } = error
    throw tomlError({ line, column, what: message.split('\n')[0] ?? '' }, text)
  }
}

/** The place of a key's value, or of a text in it, by which uv names what is wrong. */
function placeOf(key: string, text: string, part?: unknown): { line: number; column: number } {
  const lines = text.split('\n')
  const index = lines.findIndex((line) => line.startsWith(key))
  const at = part === undefined ? -1 : (lines[index] ?? '').indexOf(JSON.stringify(part))
  if (at >= 0) return { line: index + 1, column: at + 1 }
  const after = /^[\w-]+\s*=\s*/.exec(lines[index] ?? '')?.[0].length ?? 0
  return { line: index + 1, column: after + 1 }
}

const DEPENDENCY = /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?(?:\s*\[[\w\s,.-]*\])?\s*(?<rest>[^;]*)(?:;.*)?$/

/** @returns the versions that a dependency allows, such as `>=2`; null where it is no dependency */
export function specifierOf(dependency: string): string | null {
  const rest = DEPENDENCY.exec(dependency.trim())?.groups?.rest?.trim()
  if (rest === undefined) return null
  if (rest.startsWith('@')) return ''
  const range = rest.replace(/^\((.*)\)$/, '$1')
  return range === '' || validRange(range) ? range : null
}

/**
 * Reads a header as uv 0.13 does: unknown keys are ignored, and behind a byte-order mark there is none.
 * https://peps.python.org/pep-0723/
 *
 * @param script the text of a script
 * @returns its header, or null where it has none; throws UvError
 */
export function readHeader(script: string): ScriptHeader | null {
  const lines = script.split(/\r?\n/)
  const start = lines.indexOf(OPENING)
  if (start < 0) return null
  const { body, next } = blockAt(lines, start)
  if (lines.indexOf(OPENING, next) >= 0) {
    throw new UvError(2, 'error: The script contains multiple PEP 723 metadata blocks')
  }
  const text = body.join('\n')
  const { dependencies = [], 'requires-python': requiresPython } = parseToml(text)
  if (!Array.isArray(dependencies)) {
    const what = `invalid type: ${JSON.stringify(dependencies)}, expected a sequence`
    throw tomlError({ ...placeOf('dependencies', text), what }, text)
  }
  const wrong = dependencies.find((each) => specifierOf(String(each)) === null)
  if (wrong !== undefined) {
    const what = `no such comparison operator, or no version: ${wrong}`
    throw tomlError({ ...placeOf('dependencies', text, wrong), what }, text)
  }
  if (requiresPython === undefined) return { dependencies: dependencies.map(String) }
  if (!validRange(String(requiresPython))) {
    const what = `Failed to parse version: ${requiresPython}`
    throw tomlError({ ...placeOf('requires-python', text), what }, text)
  }
  return { dependencies: dependencies.map(String), requiresPython: String(requiresPython) }
}
