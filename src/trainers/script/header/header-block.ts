/** What is wrong with a script's header. */
export interface HeaderProblem {
  /** What is wrong, then what to do: the end of a sentence, without its full stop. May contain text of the script. */
  readonly message: string
  /** The line of the script, from 1; null where no line is at fault. */
  readonly line: number | null
}

/** Where the metadata of a script stands, if it has any. */
export type BlockSearch =
  | { readonly kind: 'none' }
  | { readonly kind: 'problem'; readonly problem: HeaderProblem }
  | {
      readonly kind: 'block'
      /** The line of `# /// script`, from 1. The first line of the TOML is the one after it. */
      readonly openLine: number
      readonly toml: string
    }

const opening = '# /// script'
const closing = '# ///'
const anyOpening = /^# \/\/\/ ([a-zA-Z0-9-]+)$/
const almostOpening = /^#{1,3}[ \t]{0,8}\/{2,4}[ \t]{0,8}script[ \t]{0,80}$/i
const almostClosing = /^#[ \t]{0,8}\/{2,4}[ \t]{0,80}$/

/** Lines of comments without a gap. A block ends at the last closing line of its run. */
interface Run {
  /** The first line after it, from 0. */
  readonly end: number
  /** Its last closing line, from 0; -1 without one. */
  readonly lastClosing: number
}

/**
 * Finds the block of type `script` in the text of a script, by the rules of PEP 723, in linear time. Blocks of other
 * types are passed over. What uv and the `hf` client read differently is a problem.
 * https://peps.python.org/pep-0723/
 */
export function findBlock(text: string): BlockSearch {
  const found = findInLines(text.replaceAll('\r\n', '\n').split('\n'))
  if (found.kind !== 'none' || !text.includes('\r')) return found
  // The hf client reads lone carriage returns as line ends, uv does not, and Python does.
  if (findInLines(text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').split('\n')).kind === 'none')
    return found
  return problem(
    null,
    'its lines end with CR alone, so uv does not see the header: save it with LF line ends',
  )
}

function findInLines(lines: readonly string[]): BlockSearch {
  let run: Run = { end: 0, lastClosing: -1 }
  let first: BlockSearch = { kind: 'none' }
  for (let at = 0; at < lines.length; at += 1) {
    const type = anyOpening.exec(lines[at] ?? '')?.[1]
    if (type === undefined) continue
    if (at >= run.end) run = runFrom(lines, at)
    const close = run.lastClosing
    if (close <= at) {
      // A second opening without an end is no block to uv either: it may stand in a text.
      if (type === 'script' && first.kind === 'none') return unclosed(lines, at, run)
      continue
    }
    const inner = lines.slice(at + 1, close)
    const nested = nestedProblem(inner, { at, close, type })
    if (nested !== null) return nested
    if (type === 'script') {
      if (first.kind === 'block') return twoHeaders(first.openLine, at + 1)
      first = { kind: 'block', openLine: at + 1, toml: inner.map((line) => line.slice(2)).join('\n') }
    }
    at = close
  }
  return first.kind === 'none' ? almost(lines) : first
}

function runFrom(lines: readonly string[], start: number): Run {
  let lastClosing = -1
  let end = start
  for (; end < lines.length; end += 1) {
    const line = lines[end] ?? ''
    if (line !== '#' && !line.startsWith('# ')) break
    if (line === closing) lastClosing = end
  }
  return { end, lastClosing }
}

function nestedProblem(
  inner: readonly string[],
  { at, close, type }: { at: number; close: number; type: string },
): BlockSearch | null {
  const again = inner.indexOf(opening)
  const second = at + again + 2
  if (again >= 0 && type === 'script') return twoHeaders(at + 1, second)
  if (again >= 0) {
    return problem(
      second,
      `the header stands inside the block "${type}" of line ${at + 1}: leave an empty line before ${opening}`,
    )
  }
  const early = type === 'script' ? inner.indexOf(closing) : -1
  if (early < 0) return null
  const line = at + early + 2
  return problem(
    line,
    `the header goes on to the last ${closing} of these comments (line ${close + 1}): leave an empty line after line ${line}`,
  )
}

function twoHeaders(first: number, second: number): BlockSearch {
  return problem(
    second,
    `there are two headers (${opening} in lines ${first} and ${second}): keep one of them`,
  )
}

function unclosed(lines: readonly string[], at: number, { end }: Run): BlockSearch {
  const wrong = lines.slice(at + 1, end).findIndex((line) => almostClosing.test(line))
  if (wrong >= 0) {
    return problem(
      at + wrong + 2,
      `the header is not closed: write this line as exactly ${closing}, with nothing after it`,
    )
  }
  const next = lines[end] ?? ''
  if (next.startsWith('#')) {
    return problem(
      end + 1,
      'the header is not closed: this line needs a space after #, as every line of a header must have',
    )
  }
  if (lines.indexOf(closing, end) >= 0) {
    return problem(
      end + 1,
      'the header is not closed: this line does not begin with #, as every line of a header must, even an empty one',
    )
  }
  return problem(at + 1, `the header is opened and not closed: end it with the line ${closing}`)
}

/** Without these, a misspelt header would be no header, and its packages would be missing in the Job. */
function almost(lines: readonly string[]): BlockSearch {
  const at = lines.findIndex((line) => almostOpening.test(line))
  if (at < 0) return { kind: 'none' }
  return problem(
    at + 1,
    `uv does not read this line as the start of a header: write it as exactly ${opening}`,
  )
}

function problem(line: number | null, message: string): BlockSearch {
  return { kind: 'problem', problem: { line, message } }
}
