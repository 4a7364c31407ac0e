import { type Document, parseDocument, visit, type YAMLError } from 'yaml'
import { cutText } from '../../domain/text/cut.ts'
import { lineAndColumn, shown, type TextProblem } from './json-problem.ts'

/** How often one anchor may be used, all that it contains included: a list of recipes shares one, a bomb repeats it. */
const maxAliasCount = 1000

/** What is wrong with a text that should be YAML. */
interface YamlProblem {
  /** Null where it is not in one place. */
  readonly at: { readonly line: number; readonly column: number } | null
  /** What is wrong and what to do, as the end of a sentence. */
  readonly problem: string
  readonly cause: unknown
}

/** The value of a YAML text, or what is wrong with it. */
export type YamlValue =
  | { readonly isValue: true; readonly value: unknown }
  | ({ readonly isValue: false } & YamlProblem)

/**
 * Reads one document of YAML 1.2 with the words and numbers of its core schema, and the merge keys of YAML 1.1.
 * https://yaml.org/spec/1.2.2/ and https://yaml.org/type/merge.html
 *
 * @returns a value that JSON could hold too, NaN and the infinities apart: without tags of its own and without cycles
 */
export function yamlValue(text: string): YamlValue {
  try {
    const document = parseDocument(text, {
      schema: 'core',
      merge: true,
      resolveKnownTags: false,
      // Silence would hide a second document.
      logLevel: 'error',
    })
    const [error] = [...document.errors, ...document.warnings]
    if (error !== undefined) {
      const { offset, problem } = describe(error, text)
      return { isValue: false, at: lineAndColumn(text, offset), problem, cause: error }
    }
    const missing = unresolvedAlias(document)
    if (missing !== null) {
      const { offset, problem } = missing
      return { isValue: false, at: lineAndColumn(text, offset), problem, cause: null }
    }
    const value: unknown = document.toJS({ maxAliasCount })
    // A value that contains itself is none that JSON can write.
    JSON.stringify(value)
    return { isValue: true, value }
  } catch (cause) {
    return { isValue: false, at: null, problem: describeValue(cause), cause }
  }
}

function describe({ code, message, pos }: YAMLError, text: string): TextProblem {
  const [offset] = pos
  const found = /^[^\s:,[\]{}]*/.exec(text.slice(offset, offset + 200))?.[0] ?? ''
  switch (code) {
    case 'TAB_AS_INDENT':
      return { offset, problem: 'a tab indents the line: use spaces' }
    case 'DUPLICATE_KEY':
      return { offset, problem: twice(found) }
    case 'MULTIPLE_DOCS':
      return {
        offset,
        problem: 'a second document begins: put several recipes into one, as a list under recipes',
      }
    case 'TAG_RESOLVE_FAILED':
      return { offset, problem: `YAML takes ${shown(found)} as a tag: put the text in quotes` }
    case 'BAD_SCALAR_START':
      return { offset, problem: `no text may begin with ${shown(found.charAt(0))} here: put it in quotes` }
    case 'RESOURCE_EXHAUSTION':
      return { offset, problem: tooDeep }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        offset,
        problem:
          'a value with a colon and a space in it needs quotes, and the keys of one map the same indentation',
      }
    default: {
      const plain = (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')
      return { offset, problem: plain.replaceAll(/\s+/g, ' ') }
    }
  }
}

const tooDeep = 'its lists and maps are nested too deeply'

function twice(key: string): string {
  return key === '<<'
    ? 'the key << is there twice: merge several maps with <<: [*a, *b]'
    : `the key ${shown(key)} is there twice: remove one`
}

/** A glob such as `*.csv` without quotes is an alias in YAML. */
function unresolvedAlias(document: Document): TextProblem | null {
  const anchors = new Set<string>()
  let found: TextProblem | null = null
  visit(document, {
    Value(_key, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor)
    },
    Alias(_key, { source, range }) {
      if (anchors.has(source)) return undefined
      const problem = /^[\w-]+$/.test(source)
        ? `the alias *${cutText(source, 50)} has no anchor &${cutText(source, 50)} before it`
        : `YAML takes ${shown(`*${source}`)} as an alias: put the text in quotes`
      found = { offset: range?.[0] ?? 0, problem }
      return visit.BREAK
    },
  })
  return found
}

function describeValue(cause: unknown): string {
  if (cause instanceof RangeError) return tooDeep
  const message = cause instanceof Error ? cause.message : ''
  if (message.startsWith('Merge sources')) {
    return 'what follows the key << must be a map, an alias of a map or a list of such aliases'
  }
  if (message.startsWith('Excessive alias count')) {
    return `its anchors are used more than ${maxAliasCount} times: write the values out`
  }
  return 'an anchor contains itself'
}
