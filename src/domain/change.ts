/** How a file differs between two revisions. */
export type FileChange = 'added' | 'changed' | 'removed'

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
}

/** How many names of changed files are kept. */
export const maxListedFiles = 500

/** @returns how many files differ */
export function changedFileCount({ counts }: Change): number {
  return counts.added.files + counts.changed.files + counts.removed.files
}
