import { type Change, changedFileCount, type DataChange } from '../domain/change/change.ts'
import type { FileChange, FileCounts } from '../domain/change/folders.ts'
import { formatTotals } from '../domain/change/totals.ts'
import { shortRevision } from '../domain/revision.ts'
import { formatBytes, formatCount, formatInteger } from '../domain/text/format.ts'
import { code, details, plain, table } from './markdown/markdown.ts'

const changeKinds = ['added', 'changed', 'removed'] as const
const changeLabels: Readonly<Record<FileChange, string>> = {
  added: '🟢 added',
  changed: '🟡 changed',
  removed: '🔴 removed',
}

/** Files beyond this number are counted, not listed. */
const maxListed = 100

/** Classes beyond this number are summed. */
const maxClasses = 12

/** Summarises a change in numbers, as Markdown: `2 files added (3.4 MB), 1 changed (12 kB) since 0123abc`. */
export function changeSummary(change: Change): string {
  const { counts, from, data } = change
  if (data?.unlisted != null) {
    return `not known: the files of ${code(shortRevision(data.unlisted))} cannot be listed any more`
  }
  const since = from === null ? '' : ` since ${code(shortRevision(from))}`
  const present = changeKinds.filter((kind) => counts[kind].files > 0)
  if (present.length === 0) return `nothing${since}`
  const parts = present.map((kind, index) => {
    const { files, bytes } = counts[kind]
    const number = index === 0 ? formatCount(files, 'file') : formatInteger(files)
    return `${number} ${kind} (${formatBytes(bytes)})`
  })
  return `${parts.join(', ')}${from === null ? ': no earlier run to compare with' : since}`
}

/** Formats how much data there was and is, as Markdown: `12 files, 3.1 MB, 3 classes → 5 files, 1.2 MB, 2 classes`. */
export function dataTotals({ data }: Change): string | null {
  if (data === undefined) return null
  const { before, after } = data
  return plain(before === null ? formatTotals(after) : `${formatTotals(before)} → ${formatTotals(after)}`)
}

/**
 * Lists what changed by class or folder, as a Markdown table. Where the older revision could not be listed, its record
 * says how many files each class had.
 *
 * @returns empty where everything is new, and where no folder is known
 */
export function folderTable({ from, data }: Change): string {
  if (data === undefined) return ''
  if (data.classes.length > 0) return classTable(data.classes)
  if (from === null || data.folders === null || data.folders.listed.length === 0) return ''
  const { listed, rest } = data.folders
  const rows = listed.map(({ folder, ...counts }) => {
    return [folder === '' ? '*in no folder*' : code(`${folder}/`, 80), ...countCells(counts)]
  })
  const last = rest === null ? [] : [[formatCount(rest.folders, 'more folder'), ...countCells(rest)]]
  return table(['Files in', 'Added', 'Changed', 'Removed'], [...rows, ...last])
}

function countCells(counts: FileCounts): string[] {
  return changeKinds.map((kind) => (counts[kind] === 0 ? '–' : formatInteger(counts[kind])))
}

function classTable(classes: DataChange['classes']): string {
  const sorted = classes.toSorted((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
  const rows = sorted
    .slice(0, maxClasses)
    .map(({ name, before, after }) => [code(name, 80), formatInteger(before), formatInteger(after)])
  const rest = sorted.slice(maxClasses)
  const sum = (side: 'before' | 'after') => formatInteger(rest.reduce((all, row) => all + row[side], 0))
  const more = `${formatInteger(rest.length)} more`
  const last = rest.length === 0 ? [] : [[more, sum('before'), sum('after')]]
  return table(['Files of the class', 'Before', 'Now'], [...rows, ...last])
}

/** @returns the changed files as a folded Markdown table; empty when there are none */
export function changeList(change: Change): string {
  // Where there is nothing to compare with, the names of all files say nothing of a change.
  const listed = change.data?.unlisted == null ? change.files.slice(0, maxListed) : []
  if (listed.length === 0) return ''
  const rows = listed.map(({ path, change: kind, bytes }) => [
    changeLabels[kind],
    code(path, 150),
    formatBytes(bytes),
  ])
  const total = changedFileCount(change)
  const more = total > listed.length ? `\n\n… and ${formatCount(total - listed.length, 'file')} more.` : ''
  return details(`Changed files (${formatInteger(total)})`, `${table(['', 'File', 'Size'], rows)}${more}`)
}
