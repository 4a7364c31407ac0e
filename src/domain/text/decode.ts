import { withLineFeeds } from './clean.ts'

/** A file's text, or why it is not the UTF-8 text that it must be. */
export type DecodedText =
  | { readonly isText: true; readonly text: string }
  /** `found` continues the sentence "The file is". */
  | { readonly isText: false; readonly found: string }

/**
 * Decodes a file as UTF-8. A byte-order mark is dropped, and line ends become line feeds.
 *
 * @returns the text, or the encoding that it has instead
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const wide = wideEncoding(bytes)
  if (wide !== null) return { isText: false, found: `${wide} text` }
  try {
    return { isText: true, text: withLineFeeds(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) }
  } catch {
    return { isText: false, found: `not UTF-8 text (${firstWrongByte(bytes)})` }
  }
}

/** Where the text ceases to be UTF-8, as in "byte 120, line 3". */
function firstWrongByte(bytes: Uint8Array): string {
  const begins = (length: number, fatal: boolean) =>
    new TextDecoder('utf-8', { fatal, ignoreBOM: true }).decode(bytes.subarray(0, length), { stream: true })
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = good + Math.floor((bad - good) / 2)
    try {
      begins(middle, true)
      good = middle
    } catch {
      bad = middle
    }
  }
  // The last character of it may be one that does not go on.
  const whole = begins(good, false)
  const at = new TextEncoder().encode(whole).length + 1
  return `byte ${at}, line ${whole.split('\n').length}`
}

/** UTF-16 or UTF-32, by the byte-order mark, else by the empty half of a first ASCII character. */
function wideEncoding(bytes: Uint8Array): 'UTF-16' | 'UTF-32' | null {
  const [a, b, c, d] = bytes
  if (a === 0 && b === 0) return 'UTF-32'
  if (c === 0 && d === 0 && (b === 0 || (a === 0xff && b === 0xfe))) return 'UTF-32'
  const hasMark = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)
  return hasMark || (a === 0 && b !== undefined) || (a !== undefined && b === 0) ? 'UTF-16' : null
}
