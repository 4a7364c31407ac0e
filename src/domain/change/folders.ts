import { groupFolder } from './class-folders.ts'

/** How a file differs between two revisions. */
export type FileChange = 'added' | 'changed' | 'removed'

/** How many files changed, by kind. */
export type FileCounts = Readonly<Record<FileChange, number>>

/** The files that changed in one folder. */
interface FolderChange extends FileCounts {
  /** Without a slash at its end; empty for the files in no folder. Untrusted. */
  readonly folder: string
}

/** The changed files by class folder, else by top folder: those with the most changes first. */
export interface FolderChanges {
  /** At most {@link maxListedFolders}. */
  readonly listed: readonly FolderChange[]
  /** All others together; null where there are none. */
  readonly rest: (FileCounts & { readonly folders: number }) | null
}

const maxListedFolders = 12

/** Counts changed files by folder, one at a time. */
export function createFolderTally() {
  const folders = new Map<string, Record<FileChange, number>>()
  return {
    add(path: string, change: FileChange): void {
      const folder = groupFolder(path)
      const counts = folders.get(folder) ?? { added: 0, changed: 0, removed: 0 }
      counts[change] += 1
      folders.set(folder, counts)
    },
    result: (): FolderChanges => {
      const all = [...folders].map(([folder, counts]) => ({ folder, ...counts }))
      const sorted = all.sort((a, b) => total(b) - total(a) || (a.folder < b.folder ? -1 : 1))
      const others = sorted.slice(maxListedFolders)
      return { listed: sorted.slice(0, maxListedFolders), rest: others.length === 0 ? null : sum(others) }
    },
  }
}

function total({ added, changed, removed }: FileCounts): number {
  return added + changed + removed
}

function sum(others: readonly FolderChange[]): FolderChanges['rest'] {
  const add = (kind: FileChange) => others.reduce((all, counts) => all + counts[kind], 0)
  return { folders: others.length, added: add('added'), changed: add('changed'), removed: add('removed') }
}
