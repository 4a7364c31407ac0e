/** How a file differs between two revisions. */
export type FileChange = 'added' | 'changed' | 'removed'

/** The files with one kind of change. */
interface ChangeCount {
  readonly files: number
  /** The total size after the change; for removed files, before it. */
  readonly bytes: number
}

/** The difference between two revisions of a dataset. */
export interface Change {
  /** The older revision; null when there is none and everything is new. */
  readonly from: string | null
  readonly counts: Readonly<Record<FileChange, ChangeCount>>
  /** The first files that differ, at most {@link maxListedFiles}. The paths are from outside. */
  readonly files: readonly { readonly path: string; readonly change: FileChange; readonly bytes: number }[]
  /** How many of all changed files match the recipe's `paths` and `paths-ignore`. */
  readonly relevant: number
}

/** The longest list of changed files that is kept; a longer one is unreadable in a report. */
export const maxListedFiles = 500

/** The number of files that differ. */
export function changedFiles({ counts }: Change): number {
  return counts.added.files + counts.changed.files + counts.removed.files
}
