/** A list ordered by `key`, in bytes of UTF-8. Never changed: a new version shares every chunk it did not touch. */
export interface SortedItems<T extends { key: string }> {
  readonly size: number
  readonly chunks: readonly (readonly T[])[]
}

const CHUNK_SIZE = 64

const BELOW_SURROGATES = /^[\0-\ud7ff]*$/

/** Git orders names by bytes; JavaScript by UTF-16 units, which differs from the surrogates on. */
function compare(a: string, b: string): number {
  if (a === b) return 0
  if (BELOW_SURROGATES.test(a) && BELOW_SURROGATES.test(b)) return a < b ? -1 : 1
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** @returns how many items of an ordered array come before the key */
function countBefore(items: readonly { key: string }[], key: string): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(items[middle]?.key ?? '', key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** @returns the index of the chunk that has the key, or would get it */
function chunkFor(chunks: readonly (readonly { key: string }[])[], key: string): number {
  let low = 0
  let high = chunks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(chunks[middle]?.[0]?.key ?? '', key) <= 0) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/** @returns a list without items */
export function noItems<T extends { key: string }>(): SortedItems<T> {
  return { size: 0, chunks: [] }
}

/** @returns the item of that key, if there is one */
export function itemAt<T extends { key: string }>(items: SortedItems<T>, key: string): T | undefined {
  const chunk = items.chunks[chunkFor(items.chunks, key)] ?? []
  const found = chunk[countBefore(chunk, key)]
  return found?.key === key ? found : undefined
}

/** @returns the items in order, from the first whose key is not below `from` */
export function* itemsFrom<T extends { key: string }>(items: SortedItems<T>, from = ''): Generator<T> {
  for (let index = chunkFor(items.chunks, from); index < items.chunks.length; index += 1) {
    const chunk = items.chunks[index] ?? []
    yield* chunk.slice(countBefore(chunk, from))
  }
}

function changedChunk<T extends { key: string }>(chunk: readonly T[], changes: [string, T | null][]): T[][] {
  const byKey = new Map<string, T>(chunk.map((item) => [item.key, item]))
  for (const [key, item] of changes) {
    if (item === null) byKey.delete(key)
    else byKey.set(key, item)
  }
  const ordered = [...byKey.values()].sort((a, b) => compare(a.key, b.key))
  if (ordered.length <= 2 * CHUNK_SIZE) return ordered.length === 0 ? [] : [ordered]
  return Array.from({ length: Math.ceil(ordered.length / CHUNK_SIZE) }, (_, index) =>
    ordered.slice(index * CHUNK_SIZE, (index + 1) * CHUNK_SIZE),
  )
}

/**
 * @param items the list to start from; it stays as it is
 * @param changes keys and what becomes of them: a new item, or null for none
 * @returns the new list
 */
export function withChanges<T extends { key: string }>(
  items: SortedItems<T>,
  changes: ReadonlyMap<string, T | null>,
): SortedItems<T> {
  const byChunk = new Map<number, [string, T | null][]>()
  for (const change of changes) {
    const index = chunkFor(items.chunks, change[0])
    const known = byChunk.get(index)
    if (known === undefined) byChunk.set(index, [change])
    else known.push(change)
  }
  const base = items.chunks.length === 0 ? [[]] : items.chunks
  const chunks = base.flatMap((chunk, index) => {
    const own = byChunk.get(index)
    return own === undefined ? [chunk] : changedChunk(chunk, own)
  })
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  return { size, chunks }
}
