/** Counts characters as people do, not UTF-16 units: an emoji of one code point is one. */
export function characterCount(text: string): number {
  return Array.from(text).length
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Longer than any emoji sequence or accented letter, in UTF-16 units. */
const maxGraphemeLength = 128

/**
 * The beginning of a text, cut between two characters as readers see them: never inside a surrogate pair, and not
 * between a letter and its accent. Lone surrogates from outside become U+FFFD.
 *
 * @param max the most UTF-16 units to keep, which are never fewer than characters: it fits however a service counts
 */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text.toWellFormed()
  const from = Math.max(0, max - maxGraphemeLength)
  const near = text.slice(from, max + maxGraphemeLength)
  const begun = graphemes.segment(near).containing(max - from)?.index ?? 0
  // A character without an end is cut all the same, but not into halves of a pair.
  const end = begun > 0 || from === 0 ? from + begun : max
  return text
    .slice(0, end || max)
    .replace(/[\ud800-\udbff]$/, '')
    .toWellFormed()
}
