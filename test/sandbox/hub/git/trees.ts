import type { SortedItems } from '../sorted-items.ts'
import { itemAt, itemsFrom, noItems, withChanges } from '../sorted-items.ts'
import { treeOid } from './git-objects.ts'

/** A file of a revision: what the tree API says of it. `oid` is the pointer's id when the file is in LFS. */
export interface FileEntry {
  type: 'file'
  oid: string
  size: number
  lfs?: { oid: string; size: number; pointerSize: number }
}

/** One name in a directory. Git sorts a directory as if its name ended in a slash; so does `key`. */
interface NamedEntry {
  key: string
  entry: FileEntry | Directory
}

/** A directory of a revision. Never changed: a commit shares whatever it did not touch with its parent. */
export interface Directory {
  type: 'directory'
  oid: string
  items: SortedItems<NamedEntry>
}

/** What becomes of paths: a new entry, or null for a deleted one. */
export type Changes = ReadonlyMap<string, FileEntry | null>

/** One line of a listing. */
export type ListedEntry = { path: string } & (FileEntry | { type: 'directory'; oid: string })

const nameOf = ({ key, entry }: NamedEntry) => (entry.type === 'directory' ? key.slice(0, -1) : key)

function* named(items: SortedItems<NamedEntry>) {
  for (const item of itemsFrom(items)) {
    yield { name: nameOf(item), isDirectory: item.entry.type === 'directory', oid: item.entry.oid }
  }
}

function makeDirectory(items: SortedItems<NamedEntry>): Directory {
  return { type: 'directory', oid: treeOid(named(items)), items }
}

function child(directory: Directory, name: string): FileEntry | Directory | undefined {
  return (itemAt(directory.items, name) ?? itemAt(directory.items, `${name}/`))?.entry
}

/** A revision without files. */
export const emptyTree: Directory = makeDirectory(noItems())

/**
 * @param tree the tree to look in
 * @param path a path without a leading slash; empty for the tree itself
 * @returns the file or directory there, or undefined
 */
export function entryAt(tree: Directory, path: string): FileEntry | Directory | undefined {
  let entry: FileEntry | Directory | undefined = tree
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (entry?.type !== 'directory') return undefined
    entry = child(entry, name)
  }
  return entry
}

/**
 * @param tree the tree to start from; it stays as it is
 * @param changes paths and what becomes of them
 * @returns the new tree; empty directories are gone, as in git
 */
export function applyChanges(tree: Directory, changes: Changes): Directory {
  const own = new Map<string, NamedEntry | null>()
  const below = new Map<string, Map<string, FileEntry | null>>()
  for (const [path, change] of changes) {
    const slash = path.indexOf('/')
    if (slash < 0) {
      own.set(path, change === null ? null : { key: path, entry: change })
      continue
    }
    const name = path.slice(0, slash)
    const inside = below.get(name) ?? new Map<string, FileEntry | null>()
    inside.set(path.slice(slash + 1), change)
    below.set(name, inside)
  }
  for (const [name, inside] of below) {
    const key = `${name}/`
    const current = itemAt(tree.items, key)?.entry
    const next = applyChanges(current?.type === 'directory' ? current : emptyTree, inside)
    own.set(key, next.items.size > 0 ? { key, entry: next } : null)
  }
  return makeDirectory(withChanges(tree.items, own))
}

/**
 * Everything below a directory, directories included, in git's order. Starts in the middle without walking what
 * comes before, so that a page deep in a large revision costs as much as the first.
 *
 * @param directory where to start
 * @param options `after`: the last path that was listed; `isRecursive`: false for the directory's own entries
 * @returns paths relative to it
 */
export function* listEntries(
  directory: Directory,
  options: { after?: string; isRecursive: boolean },
): Generator<ListedEntry> {
  const { after = '', isRecursive } = options
  const slash = after.indexOf('/')
  const name = slash < 0 ? after : after.slice(0, slash)
  const last = name === '' ? undefined : child(directory, name)
  const isInside = last?.type === 'directory'
  const from = isInside ? `${name}/` : name
  for (const item of itemsFrom(directory.items, from)) {
    const isLast = item.key === from && from !== ''
    if (isLast && !isInside) continue
    const path = nameOf(item)
    const { entry } = item
    if (entry.type === 'file') {
      yield { path, ...entry }
      continue
    }
    if (!isLast) yield { path, type: 'directory', oid: entry.oid }
    if (!isRecursive) continue
    const rest = isLast && slash >= 0 ? { after: after.slice(slash + 1) } : {}
    for (const inner of listEntries(entry, { ...rest, isRecursive })) {
      yield { ...inner, path: `${path}/${inner.path}` }
    }
  }
}

/** @returns the paths of all files below a directory, relative to it */
export function* filesBelow(directory: Directory): Generator<string> {
  for (const { path, type } of listEntries(directory, { isRecursive: true })) if (type === 'file') yield path
}

/**
 * @param before a tree
 * @param after another
 * @returns what turns the first into the second; shared directories are not entered
 */
export function diffTrees(before: Directory, after: Directory, prefix = ''): Map<string, FileEntry | null> {
  const changes = new Map<string, FileEntry | null>()
  if (before.oid === after.oid) return changes
  const keys = [...itemsFrom(before.items), ...itemsFrom(after.items)].map(({ key }) => key)
  for (const key of new Set(keys)) {
    const old = itemAt(before.items, key)?.entry
    const now = itemAt(after.items, key)?.entry
    if (old?.oid === now?.oid) continue
    const path = `${prefix}${key}`
    if (old?.type === 'file' && now === undefined) changes.set(path, null)
    if (now?.type === 'file') changes.set(path, now)
    if (old?.type === 'directory' || now?.type === 'directory') {
      const oldTree = old?.type === 'directory' ? old : emptyTree
      const newTree = now?.type === 'directory' ? now : emptyTree
      for (const [inner, change] of diffTrees(oldTree, newTree, path)) changes.set(inner, change)
    }
  }
  return changes
}
