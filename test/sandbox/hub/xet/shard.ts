const RECORD = 48
const HASH = 32
const WITH_VERIFICATION = 0x80000000
const WITH_METADATA = 0x40000000
const END = 'f'.repeat(2 * HASH)
/** `HFRepoMetaData`, a NUL and seventeen fixed bytes: https://huggingface.co/docs/xet/shard */
const TAG = 'HFRepoMetaData\0'

/** A run of chunks of one xorb. */
export interface Segment {
  xorb: string
  bytes: number
  /** The first chunk, and the one behind the last. */
  start: number
  end: number
}

/** One file of a shard. */
export interface ShardFile {
  hash: string
  /** Missing where the client did not compute it, as for a bucket. */
  sha256?: string
  segments: Segment[]
}

/** A hash is written as four numbers of eight bytes, each with its lowest byte first. */
function hashAt(bytes: Uint8Array, at: number): string {
  return [0, 8, 16, 24]
    .map((part) =>
      Buffer.from(bytes.subarray(at + part, at + part + 8))
        .reverse()
        .toString('hex'),
    )
    .join('')
}

function fileAt(bytes: Uint8Array, at: number): { file: ShardFile; next: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = view.getUint32(at + HASH, true)
  const count = view.getUint32(at + HASH + 4, true)
  const segments = Array.from({ length: Math.min(count, bytes.byteLength / RECORD) }, (_, index): Segment => {
    const entry = at + RECORD * (1 + index)
    const number = (offset: number) => view.getUint32(entry + HASH + offset, true)
    return { xorb: hashAt(bytes, entry), bytes: number(4), start: number(8), end: number(12) }
  })
  if ((flags & WITH_VERIFICATION) === 0) throw new RangeError('A file of the shard lacks its verification.')
  const metadata = at + RECORD * (1 + 2 * count)
  const hash = hashAt(bytes, at)
  if ((flags & WITH_METADATA) === 0) return { file: { hash, segments }, next: metadata }
  return { file: { hash, sha256: hashAt(bytes, metadata), segments }, next: metadata + RECORD }
}

/**
 * Reads the files of an uploaded shard. What it says of xorbs, for others to find chunks by, is left aside.
 * https://huggingface.co/docs/xet/shard
 *
 * @param bytes the body of the upload
 * @returns the files and what they are put together from; throws RangeError when it is no shard
 */
export function readShard(bytes: Uint8Array): ShardFile[] {
  if (new TextDecoder('latin1').decode(bytes.subarray(0, TAG.length)) !== TAG) {
    throw new RangeError('This is no shard.')
  }
  const files: ShardFile[] = []
  for (let at = RECORD; hashAt(bytes, at) !== END; ) {
    if (at + RECORD > bytes.byteLength) throw new RangeError('The shard is cut off.')
    const { file, next } = fileAt(bytes, at)
    files.push(file)
    at = next
  }
  return files
}
