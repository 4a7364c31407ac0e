import type { Change, FileChange } from '../domain/change/change.ts'
import { changedFileCount } from '../domain/change/change.ts'
import { formatBytes, formatCount, formatInteger } from '../domain/format.ts'
import { shortRevision } from '../domain/revision.ts'
import { code, details, table } from './markdown/markdown.ts'

const changeKinds = ['added', 'changed', 'removed'] as const
const changeLabels: Readonly<Record<FileChange, string>> = {
  added: '🟢 added',
  changed: '🟡 changed',
  removed: '🔴 removed',
}

/** Files beyond this number are counted, not listed. */
const maxListed = 100

/** Summarises a change in numbers, as Markdown: `2 files added (3.4 MB), 1 changed (12 kB) since 0123abc`. */
export function changeSummary(change: Change): string {
  const { counts, from } = change
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

/** @returns the changed files as a folded Markdown table; empty when there are none */
export function changeList(change: Change): string {
  const listed = change.files.slice(0, maxListed)
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
