const MAGIC = 0x184d2204
const UNCOMPRESSED = 0x80000000

/** A length of four bits goes on in whole bytes while it is full. */
function lengthAt(bytes: Uint8Array, at: number, first: number): { length: number; next: number } {
  let length = first
  let next = at
  for (let more = first === 15 ? 255 : 0; more === 255; next += 1) {
    more = byteAt(bytes, next)
    length += more
  }
  return { length, next }
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw new RangeError('The LZ4 data is cut off.')
  return byte
}

/** Writes one block behind what is there already, which its matches may point into. */
function writeBlock(block: Uint8Array, output: Uint8Array, from: number): number {
  let at = 0
  let end = from
  while (at < block.byteLength) {
    const token = byteAt(block, at)
    const literals = lengthAt(block, at + 1, token >> 4)
    output.set(block.subarray(literals.next, literals.next + literals.length), end)
    end += literals.length
    at = literals.next + literals.length
    // The last sequence has literals only.
    if (at >= block.byteLength) break
    const offset = byteAt(block, at) + 256 * byteAt(block, at + 1)
    const match = lengthAt(block, at + 2, token & 15)
    at = match.next
    if (offset === 0 || offset > end) throw new RangeError('An LZ4 match points outside the data.')
    if (end + match.length + 4 > output.byteLength) throw new RangeError('The LZ4 data is too long.')
    // Byte by byte: a match may overlap itself.
    for (let left = match.length + 4; left > 0; left -= 1, end += 1) output[end] = output[end - offset] ?? 0
  }
  return end
}

/**
 * Reads one LZ4 frame; checksums are skipped.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 *
 * @param frame the compressed bytes
 * @param size how many bytes it must come to
 * @returns the bytes; throws RangeError for anything else
 */
export function decompressLz4(frame: Uint8Array, size: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (view.getUint32(0, true) !== MAGIC) throw new RangeError('This is no LZ4 frame.')
  const flags = view.getUint8(4)
  const isSet = (bit: number) => (flags & (1 << bit)) !== 0
  let at = 6 + (isSet(3) ? 8 : 0) + (isSet(0) ? 4 : 0) + 1
  const output = new Uint8Array(size)
  let end = 0
  for (;;) {
    const word = view.getUint32(at, true)
    if (word === 0) break
    const length = word % UNCOMPRESSED
    const block = frame.subarray(at + 4, at + 4 + length)
    if (word >= UNCOMPRESSED) {
      output.set(block, end)
      end += length
    } else end = writeBlock(block, output, end)
    at += 4 + length + (isSet(4) ? 4 : 0)
  }
  if (end !== size) throw new RangeError('The LZ4 data is too short.')
  return output
}
