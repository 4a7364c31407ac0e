import type { Change, FileChange } from '../domain/change.ts'
import { changedFiles } from '../domain/change.ts'
import { count, formatBytes } from '../domain/format.ts'
import { shortRevision } from '../domain/revision.ts'
import { code, details, table } from './markdown/markdown.ts'

const kinds = ['added', 'changed', 'removed'] as const
const signs: Readonly<Record<FileChange, string>> = {
  added: '🟢 added',
  changed: '🟡 changed',
  removed: '🔴 removed',
}

/** More names than this are only counted. */
const maxListed = 100

/** What changed, in numbers: `2 files added (3.4 MB), 1 changed (12 kB) since 0123abc`. */
export function changeWords(change: Change): string {
  const { counts, from } = change
  const since = from === null ? '' : ` since ${code(shortRevision(from))}`
  const present = kinds.filter((kind) => counts[kind].files > 0)
  if (present.length === 0) return `nothing${since}`
  const words = present.map((kind, index) => {
    const { files, bytes } = counts[kind]
    const number = index === 0 ? count(files, 'file') : files.toLocaleString('en')
    return `${number} ${kind} (${formatBytes(bytes)})`
  })
  return `${words.join(', ')}${from === null ? ': everything is new to this recipe' : since}`
}

/** The names of the files that changed, folded; empty when there are none. */
export function changeList(change: Change): string {
  const shown = change.files.slice(0, maxListed)
  if (shown.length === 0) return ''
  const rows = shown.map(({ path, change: kind, bytes }) => [
    signs[kind],
    code(path, 150),
    formatBytes(bytes),
  ])
  const total = changedFiles(change)
  const more = total > shown.length ? `\n\n… and ${count(total - shown.length, 'file')} more.` : ''
  return details(
    `Changed files (${total.toLocaleString('en')})`,
    `${table(['', 'File', 'Size'], rows)}${more}`,
  )
}
