import type { FileVersion } from '../data.ts'

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

/**
 * Compares two revisions file by file: a commit that changes data and one that changes the card right after it must
 * not hide each other.
 *
 * @param options.from the older revision and its files; null: everything is new
 * @param options.isRelevant whether a change of this file is worth a run
 */
export function changeBetween(options: {
  from: { readonly revision: string; readonly files: readonly FileVersion[] } | null
  to: readonly FileVersion[]
  isRelevant: (path: string) => boolean
}): Change {
  const { from, to, isRelevant } = options
  const before = new Map(from?.files.map((file) => [file.path, file]))
  const tally = createTally(isRelevant)
  for (const { path, content, bytes } of to) {
    const old = before.get(path)
    before.delete(path)
    if (old === undefined) tally.add(path, 'added', bytes)
    else if (old.content !== content) tally.add(path, 'changed', bytes)
  }
  for (const [path, { bytes }] of before) tally.add(path, 'removed', bytes)
  return { from: from?.revision ?? null, ...tally.result() }
}

function createTally(isRelevant: (path: string) => boolean) {
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
      if (files.length < maxListedFiles) files.push({ path, change, bytes })
    },
    result: () => ({ counts, files, relevant }),
  }
}
