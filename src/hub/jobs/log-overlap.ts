/**
 * Finds where the end of what was read appears in lines that were sent again.
 *
 * @param read the last lines that were read, oldest first
 * @param sent the lines of a new connection
 * @returns how many of the sent lines were read before: up to and with the place where most lines before it are the last
 *   ones read; 0 when the last line read is not among them. Takes linear time.
 */
export function overlapOf(read: readonly number[], sent: readonly number[]): number {
  const lengths = prefixLengths([...read.toReversed(), Number.NaN, ...sent.toReversed()])
  let longest = 0
  let end = 0
  // From the last place to the first one: of two that fit as well, the first shows more lines.
  for (let count = sent.length; count > 0; count -= 1) {
    const length = lengths[read.length + 1 + sent.length - count] ?? 0
    if (length < longest || length === 0) continue
    longest = length
    end = count
  }
  return end
}

/** Whether the sent lines are, without a gap, some of those that were read. Takes linear time. */
export function isPartOf(read: readonly number[], sent: readonly number[]): boolean {
  const lengths = prefixLengths([...sent, Number.NaN, ...read])
  return lengths.slice(sent.length + 1).some((length) => length >= sent.length)
}

/**
 * For each place, how many values from there on are those at the beginning: the Z-function.
 * https://cp-algorithms.com/string/z-function.html
 */
function prefixLengths(values: readonly number[]): number[] {
  const lengths = new Array<number>(values.length).fill(0)
  let start = 0
  let end = 0
  for (let at = 1; at < values.length; at += 1) {
    let length = at < end ? Math.min(end - at, lengths[at - start] ?? 0) : 0
    while (at + length < values.length && values[length] === values[at + length]) length += 1
    if (at + length > end) {
      start = at
      end = at + length
    }
    lengths[at] = length
  }
  return lengths
}
