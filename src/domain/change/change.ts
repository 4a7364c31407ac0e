import type { DataTotals, FileVersion } from '../data.ts'
import type { FileChange, FolderChanges } from './folders.ts'

/** How many files one kind of change touched. */
interface ChangeCount {
  readonly files: number
  /** Total size after the change; for removed files, before it. */
  readonly bytes: number
}

/** The difference between two revisions of a dataset. */
export interface Change {
  /** The older revision; null: there is none, every file is new. */
  readonly from: string | null
  readonly counts: Readonly<Record<FileChange, ChangeCount>>
  /** The first files that differ, at most {@link maxListedFiles}. Their names are untrusted. */
  readonly files: readonly { readonly path: string; readonly change: FileChange; readonly bytes: number }[]
  /** How many of the changed files match the recipe's path filters, counted over all of them. */
  readonly relevant: number
  /** What that means for the data; absent where only the files were compared. */
  readonly data?: DataChange
}

/** The data of two revisions, as far as a report shows it. */
export interface DataChange {
  /** Of the older revision's relevant files; null where there is none, or nothing is known about it. */
  readonly before: DataTotals | null
  readonly after: DataTotals
  /** Null where the older revision's files could not be listed. */
  readonly folders: FolderChanges | null
  /** Files by class, where the older revision could not be listed and its record has them. Names are untrusted. */
  readonly classes: readonly { readonly name: string; readonly before: number; readonly after: number }[]
  /** The older revision, where its files could not be listed. */
  readonly unlisted: string | null
}

/** How many names of changed files are kept. */
export const maxListedFiles = 500

/** @returns how many files differ */
export function changedFileCount({ counts }: Change): number {
  return counts.added.files + counts.changed.files + counts.removed.files
}

/**
 * Compares two revisions file by file: a commit that changes data and one that changes the card right after it must
 * not hide each other.
 *
 * @param options.from the older revision and its files; null: everything is new
 * @param options.isRelevant whether a change of this file is worth a run
 * @param options.onChange called with each file that differs
 */
export function changeBetween(options: {
  from: { readonly revision: string; readonly files: readonly FileVersion[] } | null
  to: readonly FileVersion[]
  isRelevant: (path: string) => boolean
  onChange?: (path: string, change: FileChange) => void
}): Change {
  const { from, to, isRelevant, onChange } = options
  const before = new Map(from?.files.map((file) => [file.path, file]))
  const tally = createTally({ isRelevant, onChange })
  for (const { path, content, bytes } of to) {
    const old = before.get(path)
    before.delete(path)
    if (old === undefined) tally.add(path, 'added', bytes)
    else if (old.content !== content) tally.add(path, 'changed', bytes)
  }
  for (const [path, { bytes }] of before) tally.add(path, 'removed', bytes)
  return { from: from?.revision ?? null, ...tally.result() }
}

function createTally({
  isRelevant,
  onChange,
}: {
  isRelevant: (path: string) => boolean
  onChange: ((path: string, change: FileChange) => void) | undefined
}) {
  const counts = {
    added: { files: 0, bytes: 0 },
    changed: { files: 0, bytes: 0 },
    removed: { files: 0, bytes: 0 },
  }
  const files: { path: string; change: FileChange; bytes: number }[] = []
  let relevant = 0
  return {
    add(path: string, change: FileChange, bytes: number): void {
      counts[change].files += 1
      counts[change].bytes += bytes
      if (isRelevant(path)) relevant += 1
      onChange?.(path, change)
      if (files.length < maxListedFiles) files.push({ path, change, bytes })
    },
    result: () => ({ counts, files, relevant }),
  }
}
