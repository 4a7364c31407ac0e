import { compareEntries, treeOid } from './git-objects.ts'

/** A file of a revision: what the tree API says of it. `oid` is the pointer's id when the file is in LFS. */
export interface FileEntry {
  type: 'file'
  oid: string
  size: number
  lfs?: { oid: string; size: number; pointerSize: number }
}

/** A directory of a revision. Never changed: a commit shares every directory it did not touch with its parent. */
export interface Directory {
  type: 'directory'
  oid: string
  entries: ReadonlyMap<string, FileEntry | Directory>
}

/** What becomes of paths: a new entry, or null for a deleted one. */
export type Changes = ReadonlyMap<string, FileEntry | null>

/** One line of a listing. */
export type ListedEntry = { path: string } & (FileEntry | { type: 'directory'; oid: string })

type Entries = Map<string, FileEntry | Directory>

function makeDirectory(entries: Entries): Directory {
  const sorted = [...entries]
    .map(([name, entry]) => ({ name, entry, isDirectory: entry.type === 'directory' }))
    .sort(compareEntries)
  const oid = treeOid(sorted.map(({ name, entry, isDirectory }) => ({ name, isDirectory, oid: entry.oid })))
  return { type: 'directory', oid, entries: new Map(sorted.map(({ name, entry }) => [name, entry])) }
}

/** A revision without files. */
export const emptyTree: Directory = makeDirectory(new Map())

/**
 * @param tree the tree to look in
 * @param path a path without a leading slash; empty for the tree itself
 * @returns the file or directory there, or undefined
 */
export function entryAt(tree: Directory, path: string): FileEntry | Directory | undefined {
  let entry: FileEntry | Directory | undefined = tree
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (entry?.type !== 'directory') return undefined
    entry = entry.entries.get(name)
  }
  return entry
}

/**
 * @param tree the tree to start from; it stays as it is
 * @param changes paths and what becomes of them
 * @returns the new tree; empty directories are gone, as in git
 */
export function applyChanges(tree: Directory, changes: Changes): Directory {
  const entries: Entries = new Map(tree.entries)
  const below = new Map<string, Map<string, FileEntry | null>>()
  for (const [path, change] of changes) {
    const slash = path.indexOf('/')
    if (slash < 0) {
      if (change === null) entries.delete(path)
      else entries.set(path, change)
      continue
    }
    const name = path.slice(0, slash)
    const inside = below.get(name) ?? new Map<string, FileEntry | null>()
    inside.set(path.slice(slash + 1), change)
    below.set(name, inside)
  }
  for (const [name, inside] of below) {
    const current = entries.get(name)
    const next = applyChanges(current?.type === 'directory' ? current : emptyTree, inside)
    if (next.entries.size > 0) entries.set(name, next)
    else if (current?.type === 'directory') entries.delete(name)
  }
  return makeDirectory(entries)
}

const listings = new WeakMap<Directory, readonly ListedEntry[]>()

function* walk(directory: Directory, prefix: string): Generator<ListedEntry> {
  for (const [name, entry] of directory.entries) {
    const path = `${prefix}${name}`
    if (entry.type === 'file') {
      yield { path, ...entry }
    } else {
      yield { path, type: 'directory', oid: entry.oid }
      yield* walk(entry, `${path}/`)
    }
  }
}

/**
 * Everything below a directory, directories included, in git's order. Remembered per directory, so that paging
 * through a large revision walks it once.
 *
 * @param directory where to start
 * @returns paths relative to it
 */
export function listRecursively(directory: Directory): readonly ListedEntry[] {
  const known = listings.get(directory)
  if (known !== undefined) return known
  const listed = [...walk(directory, '')]
  listings.set(directory, listed)
  return listed
}

/**
 * @param directory where to look
 * @returns its own entries only, in git's order
 */
export function listFlat(directory: Directory): readonly ListedEntry[] {
  return [...directory.entries].map(([name, entry]) =>
    entry.type === 'file' ? { path: name, ...entry } : { path: name, type: 'directory', oid: entry.oid },
  )
}

/**
 * @param before a tree
 * @param after another
 * @returns what turns the first into the second; shared directories are not entered
 */
export function diffTrees(before: Directory, after: Directory, prefix = ''): Map<string, FileEntry | null> {
  const changes = new Map<string, FileEntry | null>()
  if (before.oid === after.oid) return changes
  for (const name of new Set([...before.entries.keys(), ...after.entries.keys()])) {
    const old = before.entries.get(name)
    const now = after.entries.get(name)
    if (old?.oid === now?.oid && old?.type === now?.type) continue
    const path = `${prefix}${name}`
    if (old?.type === 'file' && now?.type !== 'file') changes.set(path, null)
    if (old?.type === 'directory' || now?.type === 'directory') {
      const oldTree = old?.type === 'directory' ? old : emptyTree
      const newTree = now?.type === 'directory' ? now : emptyTree
      for (const [inner, change] of diffTrees(oldTree, newTree, `${path}/`)) changes.set(inner, change)
    }
    if (now?.type === 'file') changes.set(path, now)
  }
  return changes
}
