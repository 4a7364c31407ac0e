import { decompressLz4 } from './lz4.ts'

/** Above this the store refuses one (https://huggingface.co/docs/xet/xorb). */
export const XORB_LIMIT = 64 * 1024 * 1024

const HEADER = 8

const uint24 = (bytes: Uint8Array, at: number) =>
  (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0) + 65_536 * (bytes[at + 2] ?? 0)

/** Undoes the grouping of every fourth byte, which makes numbers of four bytes easier to compress. */
function ungrouped(bytes: Uint8Array): Uint8Array {
  const output = new Uint8Array(bytes.byteLength)
  let at = 0
  for (let group = 0; group < 4; group += 1) {
    for (let to = group; to < output.byteLength; to += 4, at += 1) output[to] = bytes[at] ?? 0
  }
  return output
}

function decoded(scheme: number, bytes: Uint8Array, size: number): Uint8Array {
  if (scheme === 1) return decompressLz4(bytes, size)
  if (scheme === 2) return ungrouped(decompressLz4(bytes, size))
  if (scheme !== 0 || bytes.byteLength !== size) throw new RangeError('A chunk cannot be read.')
  return bytes
}

/**
 * Reads the chunks of a xorb: a header of eight bytes before each, and perhaps a footer behind the last.
 * https://huggingface.co/docs/xet/xorb
 *
 * @param xorb the bytes as they were uploaded
 * @returns the contents of its chunks, in order; throws RangeError when it is no xorb
 */
export function readXorb(xorb: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = []
  // A header begins with the version 0, the footer with letters.
  for (let at = 0; at < xorb.byteLength && xorb[at] === 0; ) {
    const length = uint24(xorb, at + 1)
    const end = at + HEADER + length
    if (end > xorb.byteLength) throw new RangeError('The xorb is cut off.')
    chunks.push(decoded(xorb[at + 4] ?? 0, xorb.subarray(at + HEADER, end), uint24(xorb, at + 5)))
    at = end
  }
  if (chunks.length === 0) throw new RangeError('The xorb has no chunks.')
  return chunks
}

/**
 * @param content any bytes
 * @returns a xorb of them without compression, in chunks of at most 64 KiB
 */
export function writeXorb(content: Uint8Array): { bytes: Uint8Array; chunks: number } {
  const size = 64 * 1024
  const parts: Uint8Array[] = []
  for (let at = 0; at < content.byteLength; at += size) {
    const chunk = content.subarray(at, at + size)
    const length = [0, 8, 16].map((shift) => (chunk.byteLength >> shift) & 255)
    parts.push(Uint8Array.of(0, ...length, 0, ...length), chunk)
  }
  return { bytes: Buffer.concat(parts), chunks: parts.length / 2 }
}
