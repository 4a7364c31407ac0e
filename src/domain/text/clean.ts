/** What editors, clipboards and secret stores leave around a value, invisibly. */
const invisible = /[\s\0\u0085\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/

/**
 * Cleans a value that a person typed or pasted: an input, a variable, a secret, an entry of a list. It takes away
 * spaces, line ends, byte-order marks and invisible characters at both ends, and writes line ends as line feeds.
 *
 * @returns empty when nothing else was in it
 */
export function cleanText(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && invisible.test(text.charAt(start))) start += 1
  while (end > start && invisible.test(text.charAt(end - 1))) end -= 1
  return withLineFeeds(text.slice(start, end))
}

/** Writes the line ends of Windows as line feeds. */
export function withLineFeeds(text: string): string {
  return text.replaceAll('\r\n', '\n')
}

/** A line end as any system writes it, to split a list with one entry on each line. */
export const lineEnd = /\r\n|[\n\r\u0085\u2028\u2029]/

const quotePairs = ['""', "''", '``', '\u201c\u201d', '\u2018\u2019']

/**
 * Cleans a value and takes away one pair of quotes around it, which env files and shells leave in place. Only for values
 * that never contain quotes.
 */
export function unquoted(text: string): string {
  const clean = cleanText(text)
  const isQuoted =
    clean.length > 1 && quotePairs.includes(`${clean.charAt(0)}${clean.charAt(clean.length - 1)}`)
  return isQuoted ? cleanText(clean.slice(1, -1)) : clean
}

/** Whether two texts are the same to a reader, however their accents are stored (NFC or NFD). */
export function isSameText(a: string, b: string): boolean {
  return a === b || a.normalize('NFC') === b.normalize('NFC')
}

/** What YAML 1.2 reads as true and false, and what the runner's own actions take. */
const words: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  TRUE: true,
  false: false,
  False: false,
  FALSE: false,
}

/**
 * Reads what YAML and runners write for true and false. https://yaml.org/spec/1.2.2/#1032-tag-resolution
 *
 * @returns null for anything else, such as `yes` and `1`
 */
export function readBoolean(text: string): boolean | null {
  const word = cleanText(text)
  return Object.hasOwn(words, word) ? (words[word] ?? null) : null
}
