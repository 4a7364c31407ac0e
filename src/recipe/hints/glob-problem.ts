import picomatch from 'picomatch'
import { cutText } from '../../domain/text/cut.ts'
import { yamlValue } from '../config-text/yaml-value.ts'
import { isNoneWord } from './none-words.ts'

/** Where a list of globs was written: one on each line of an input, or as an array of a file. */
export type ListPlace = 'input' | 'file'

/** How many patterns of a list are shown in the right form. */
const maxShown = 30

const oneEach = 'each pattern has a line or an entry of its own'

/**
 * Finds a glob that could never match a file of a dataset, or that says something else than it seems to.
 *
 * @param globs as they were written, without spaces around them
 * @returns what is wrong and the right form, as the end of a sentence that begins with the key's name; null when nothing
 *   is
 */
export function globsProblem(globs: readonly string[], place: ListPlace): string | null {
  const whole = wholeList(globs)
  if (whole !== null) {
    return `has ${shown(globs.join(' '))}, which is taken as text, not as a list${write(whole, place)}.`
  }
  for (const glob of globs) {
    if (isNoneWord(glob)) {
      return (
        `has ${shown(glob)}, which is not taken as a pattern: leave it out for the default` +
        `${place === 'file' ? ', or write [] for no pattern' : ''}.`
      )
    }
    const why = reasonOf(glob)
    if (why === null) continue
    const isKnown = rightForms(glob).length > 0
    // The whole list, to be copied, as far as it is shown.
    const right = globs
      .slice(0, maxShown)
      .flatMap((other) => (reasonOf(other) === null ? [other] : rightForms(other)))
    return `has ${shown(glob)}, which ${why}${isKnown ? write(right, place) : ''}.`
  }
  return null
}

/** The end of a sentence with the right form; empty where what was probably meant is not right either. */
function write(globs: readonly string[], place: ListPlace): string {
  if (wholeList(globs) !== null || globs.some((glob) => isNoneWord(glob) || reasonOf(glob) !== null))
    return ''
  if (place === 'file') return `: write ${cutText(JSON.stringify(globs), 300)}`
  const list = cutText(globs.join(' and '), 300)
  return globs.length === 1 ? `: write ${list}` : `: write ${list}, each on a line of its own`
}

/** A list of JSON or YAML in brackets, on one line or several. */
function wholeList(globs: readonly string[]): string[] | null {
  const text = globs.join('\n')
  const isBracketed = text.startsWith('[') && text.endsWith(']')
  if (!isBracketed || !/[*/,"'.\n]/.test(text)) return null
  const read = yamlValue(text)
  const value: unknown = read.isValue ? read.value : null
  const entries = Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
  const isList = Array.isArray(value) && entries.length === value.length && entries.length > 0
  const forms = (isList ? entries : splitAtCommas(text.slice(1, -1).replaceAll('\n', ','))).flatMap(
    rightForms,
  )
  return forms.length === 0 ? null : forms
}

/** The first reason that applies, in the order in which they are told apart. */
const reasons: readonly (readonly [form: RegExp, why: string])[] = [
  [/^!?[-\u2022](?:\s|$)/, 'is taken as text, not as an entry of a YAML list'],
  [/^#\s|^#$|\s#\s/, 'has a comment that is taken as a part of the pattern'],
  [/^paths(?:[-_]ignore)?\s*:/i, 'has the name of the key in it'],
  [
    /^!?["'`\u2018-\u201f\u00ab]|["`\u201c-\u201f\u00bb]$/,
    'has quotes around it that are taken as a part of the name',
  ],
  [
    /:\/\/|^!?datasets\/[^/]+\/[^/]+\/(?:tree|blob|resolve)\//,
    'is no path inside the dataset (patterns begin at its first folder)',
  ],
  [/^!?\s*$|^!+\s|^!!/, 'has an exclamation mark that negates no pattern'],
  [/^!?\^|\$$|\.\*\\\./, 'is a regular expression, not a glob'],
  [/\\/, 'has a backslash (folders are separated by /; for a special character in a name write ?)'],
  [/^!?(?:\.?\/)/, 'begins with a slash (patterns begin at the first folder)'],
  [/(?:^!?|\/)\.\.(?:\/|$)/, 'has .. in it (patterns begin at the first folder, and stay in the dataset)'],
  [/\/\/|\/\.(?:\/|$)|^!?\.$/, 'has an empty folder name in it'],
  [/\*\*\s/, `has a space after ** (${oneEach})`],
  [/^[^({]*[;|]\s*\S*[*/]/, `has a separator in it (${oneEach})`],
  [/\{[^}]*(?:,\s|\s,)/, 'has spaces in braces that are taken as a part of the names'],
  [/\{(?:[^{},.]|\.(?!\.))*\}/, 'has braces around a single pattern'],
  [/^[[\]{}()]$|^\[[^\]]*$/, 'is a part of a list in brackets'],
]

function reasonOf(glob: string): string | null {
  const found = reasons.find(([form]) => form.test(glob))
  if (found !== undefined) return found[1]
  if (splitAtCommas(glob).length > 1 || glob.endsWith(',')) {
    return `has a comma in it (${oneEach}; for a comma in a name write ?)`
  }
  try {
    // Only so does it say what is wrong.
    picomatch.makeRe(glob.replace(/^!/, ''), { dot: true, nonegate: true, debug: true })
    return null
  } catch {
    return 'is no glob, because its brackets do not fit together'
  }
}

/** What was probably meant; empty where nothing is left of it. */
function rightForms(glob: string): string[] {
  let text = glob
  for (let before = ''; before !== text; ) {
    before = text
    text = text
      .trim()
      .replace(/^(!?)[-\u2022](?:\s+|$)/, '$1')
      .replace(/(?:^|\s)#(?:\s.*)?$/, '')
      .replace(/^paths(?:[-_]ignore)?\s*:/i, '')
      .replace(/^(!?)[!\s]*["'`\u2018-\u201f\u00ab]/, '$1')
      .replace(/["'`\u2018-\u201f\u00bb,;]{1,500}$/, '')
      .replace(/^(!?)!*\s*/, '$1')
      .replace(/^(!?)\^/, '$1')
      .replace(/\$$/, '')
      .replaceAll('.*\\.', '*.')
      .replaceAll('\\', '/')
      .replaceAll(/\s*,\s*(?=[^{}]*\})/g, ',')
      .replaceAll(/\{([^{},]*)\}/g, (found, inner: string) => (inner.includes('..') ? found : inner))
      .replace(/^(!?)\[(?=[^\]]*$)|^(!?)\[(?=.*[*/,"'.].*\]$)/, '$1$2')
      .replace(/^[^[]*\]$/, (found) => found.slice(0, -1))
      .replace(/^(!?)(?:(?:\.{0,2}\/)+|\.$)/, '$1')
      .replace(
        /^(!?)(?:[a-z]+:\/\/[^/]*\/)?datasets\/[^/]+\/[^/]+\/(?:(?:tree|blob|resolve)\/[^/]+\/)?/,
        '$1',
      )
      .replaceAll(/\/(?:\.{0,2}\/)+|\/\.{1,2}$/g, '/')
  }
  const entries = splitAtCommas(text).flatMap((part) => part.split(/(?<=\*\*)\s+|;|\s\|\s/))
  if (entries.length > 1) return [...new Set(entries.flatMap(rightForms))]
  const isRight = text !== '' && text !== '!' && !isNoneWord(text) && reasonOf(text) === null
  return isRight ? [text] : []
}

/** Commas in braces and other brackets belong to the pattern. */
function splitAtCommas(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if ('{[('.includes(character)) depth += 1
    if ('}])'.includes(character)) depth = Math.max(0, depth - 1)
    if (character !== ',' || depth > 0) continue
    parts.push(text.slice(start, at))
    start = at + 1
  }
  return [...parts, text.slice(start)].filter((part) => part.trim() !== '')
}

/** In quotes, unless it has some of its own. */
function shown(text: string): string {
  const line = cutText(text.replaceAll(/\p{Cc}/gu, ' '), 100)
  return line.includes('"') ? line : `"${line}"`
}
