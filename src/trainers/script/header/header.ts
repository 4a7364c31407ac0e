import { closestMatch } from 'leven'
import { parse, TomlError } from 'smol-toml'
import { cutText } from '../../../domain/text/cut.ts'
import { findBlock, type HeaderProblem } from './header-block.ts'
import { requiresPythonProblem } from './python-version.ts'
import { isTable, shown, typeOf } from './toml-value.ts'
import { readUvSettings, type UvSettings } from './uv-settings.ts'

/** What a script says about itself in its PEP 723 header. Untrusted. */
export interface ScriptHeader {
  /** False for a script without a header: then all else is empty. */
  readonly hasBlock: boolean
  /** As they are written; `checkDependencies` reads them. */
  readonly dependencies: readonly string[]
  /** A valid set of PEP 440 specifiers; null where every Python will do. */
  readonly requiresPython: string | null
  readonly uv: UvSettings
  /** The table `[tool.hf-jobs]` as it is written; null without one. */
  readonly hfJobs: Readonly<Record<string, unknown>> | null
}

/** A header, or why there is none to be read. */
export type HeaderReading =
  | { readonly isRead: true; readonly header: ScriptHeader }
  | { readonly isRead: false; readonly problem: HeaderProblem }

/** Real headers have a few lines. In characters. */
const maxLength = 100_000

const knownKeys = ['dependencies', 'requires-python', 'tool']

/** What other files call them. */
const otherKeys: Readonly<Record<string, string>> = {
  deps: 'dependencies',
  'install-requires': 'dependencies',
  packages: 'dependencies',
  python: 'requires-python',
  'python-requires': 'requires-python',
  'python-version': 'requires-python',
  requirements: 'dependencies',
  requires: 'dependencies',
}

/** Carries a problem out of the readers of this file. */
class Unreadable extends Error {
  readonly problem: HeaderProblem
  constructor(problem: HeaderProblem) {
    super(problem.message)
    this.problem = problem
  }
}

/**
 * Reads the header of a script. Never throws, and takes linear time.
 *
 * @param text the whole script, with the byte-order mark that it may have
 * @returns the header, or the first thing that is wrong with it, with its line in the script
 */
export function readScriptHeader(text: string): HeaderReading {
  if (text.startsWith('\ufeff')) {
    return {
      isRead: false,
      problem: {
        line: 1,
        message: 'the file begins with a byte-order mark, which hides its header: save it without',
      },
    }
  }
  const found = findBlock(text)
  if (found.kind === 'problem') return { isRead: false, problem: found.problem }
  if (found.kind === 'none') return { isRead: true, header: { ...noHeader, hasBlock: false } }
  try {
    return { isRead: true, header: readToml(found) }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { isRead: false, problem: error.problem }
  }
}

const noHeader: ScriptHeader = {
  hasBlock: true,
  dependencies: [],
  requiresPython: null,
  uv: { excludeNewer: null, requiredVersion: null, indexes: [], gitSources: [], localSources: [] },
  hfJobs: null,
}

function readToml({ toml, openLine }: { toml: string; openLine: number }): ScriptHeader {
  if (toml.length > maxLength) {
    throw unreadable(openLine, `the header has more than ${maxLength} characters: shorten it`)
  }
  const root = parseToml(toml, openLine)
  const at = (key: string) => lineOf(toml, key) + openLine
  const unknown = Object.keys(root).find((key) => !knownKeys.includes(key))
  if (unknown !== undefined)
    throw unreadable(at(unknown), `the key ${shown(unknown)} is unknown: ${keyHint(unknown)}`)
  const { dependencies, tool, 'requires-python': requires } = root
  const tools = optionalTable(tool, { name: 'tool', line: at('tool') })
  const uv = readUvSettings(optionalTable(tools?.uv, { name: 'tool.uv', line: at('[tool.uv]') }) ?? {})
  if (typeof uv === 'string') throw unreadable(at('[tool.uv]'), uv)
  return {
    ...noHeader,
    dependencies: readDependencies(dependencies, at('dependencies')),
    requiresPython: readRequires(requires, at('requires-python')),
    uv,
    hfJobs: optionalTable(tools?.['hf-jobs'], { name: 'tool.hf-jobs', line: at('[tool.hf-jobs]') }),
  }
}

function parseToml(toml: string, openLine: number): Readonly<Record<string, unknown>> {
  try {
    return parse(toml, { integersAsBigInt: 'asNeeded' })
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    // A line of the script has "# " before its TOML.
    const [line, column] = [openLine + error.line, error.column + 2]
    const [what = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n')
    throw unreadable(line, `the header is not valid TOML at column ${column}: ${cutText(what, 200)}`)
  }
}

function keyHint(key: string): string {
  const plain = key.toLowerCase().replaceAll('_', '-')
  const other = Object.hasOwn(otherKeys, plain) ? otherKeys[plain] : undefined
  const near = { maxDistance: Math.max(2, Math.min(plain.length, 50) / 3) }
  const nearest = other ?? closestMatch(cutText(plain, 50), knownKeys, near)
  if (nearest !== undefined) return `did you mean ${nearest}?`
  return 'a header may have dependencies, requires-python and tables that begin with tool'
}

function readDependencies(value: unknown, line: number): string[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    throw unreadable(
      line,
      `dependencies must be a list of packages, such as ["torch>=2"], and is ${typeOf(value)}`,
    )
  }
  return value.map((entry: unknown) => {
    if (typeof entry === 'string') return entry
    throw unreadable(
      line,
      `dependencies must be a list of texts, such as ["torch>=2"], and has ${typeOf(entry)}`,
    )
  })
}

function readRequires(value: unknown, line: number): string | null {
  if (value === undefined) return null
  if (typeof value !== 'string') {
    throw unreadable(line, `requires-python must be a text, such as ">=3.11", and is ${typeOf(value)}`)
  }
  if (value.trim() === '') return null
  const wrong = requiresPythonProblem(value)
  if (wrong !== null) throw unreadable(line, wrong)
  return value.trim()
}

function optionalTable(
  value: unknown,
  { name, line }: { name: string; line: number },
): Readonly<Record<string, unknown>> | null {
  if (value === undefined) return null
  if (isTable(value)) return value
  throw unreadable(line, `${name} must be a table, written as [${name}], and is ${typeOf(value)}`)
}

/** The line of the TOML that begins with a key, from 1; the opening's, 0, where no line does. */
function lineOf(toml: string, key: string): number {
  return toml.split('\n').findIndex((line) => line.trimStart().startsWith(key)) + 1
}

function unreadable(line: number, message: string): Unreadable {
  return new Unreadable({ line, message })
}
