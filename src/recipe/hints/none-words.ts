/** What people write for nothing at all: words of Python, JSON, YAML, R, Ruby and JavaScript, and the dashes of tables. */
const noneWords = new Set([
  'none',
  'null',
  'nan',
  'nil',
  'n/a',
  'undefined',
  '~',
  '-',
  '--',
  '---',
  '\u2010',
  '\u2011',
  '\u2012',
  '\u2013',
  '\u2014',
  '\u2212',
])

/** What people write to switch a thing off. */
const offWords = new Set(['false', 'no', 'off'])

/** Whether a text means "off" where a name is asked for, or nothing. */
export function isOffWord(text: string): boolean {
  return offWords.has(text.trim().toLowerCase())
}

/** Whether a text is a word for "none", which is never taken as a name. */
export function isNoneWord(text: string): boolean {
  return noneWords.has(text.trim().toLowerCase())
}

/** How a name that looks like such a word is written where it is one, by the end of the key's name. */
const literalForms: readonly (readonly [key: RegExp, form: (name: string) => string])[] = [
  [/split$/, (name) => `a split of that name is default:${name}`],
  [/image$/, (name) => `an image of that name is ${name}:latest`],
]

/**
 * Says why a word for none is refused, and what to do.
 *
 * @param options.name of the key, in any form
 * @param options.allowed the allowed values, as the end of a sentence after "must be"
 * @param options.fallback the default; null for none, undefined where a value is required
 * @returns a sentence without its beginning and its full stop
 */
export function noneProblem(
  word: string,
  options: { name: string; allowed: string; fallback: unknown },
): string {
  const { name, allowed, fallback } = options
  const instead =
    fallback === undefined
      ? `it must be ${allowed}`
      : `leave it out for ${fallback === null ? 'none' : `the default, ${defaultOf(fallback)}`}`
  const literal = /^\w+$/.test(word) ? literalForms.find(([key]) => key.test(name))?.[1](word) : undefined
  return `${JSON.stringify(word)} is not taken as a name: ${instead}${literal === undefined ? '' : ` (${literal})`}`
}

function defaultOf(fallback: unknown): string {
  if (Array.isArray(fallback)) return fallback.length === 0 ? 'every file' : fallback.join(' and ')
  return typeof fallback === 'object' ? JSON.stringify(fallback) : String(fallback)
}
