/** What became of a file. */
export type FileChange = 'added' | 'changed' | 'removed'

/** How many files one kind of change touched. */
interface ChangeCount {
  readonly files: number
  /** Of the files as they are now; for removed ones, as they were. */
  readonly bytes: number
}

/** What differs between two revisions of a dataset. */
export interface Change {
  /** The older revision; null: everything is new. */
  readonly from: string | null
  readonly counts: Readonly<Record<FileChange, ChangeCount>>
  /** The first of the files that differ, at most {@link maxListedFiles}: names from outside. */
  readonly files: readonly { readonly path: string; readonly change: FileChange; readonly bytes: number }[]
  /** How many of all the files that differ are worth a run. */
  readonly relevant: number
}

/** More names than anybody reads are not kept. */
export const maxListedFiles = 500

/** How many files differ. */
export function changedFiles({ counts }: Change): number {
  return counts.added.files + counts.changed.files + counts.removed.files
}
