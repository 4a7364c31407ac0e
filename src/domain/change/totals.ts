import type { DataTotals } from '../data.ts'
import { formatBytes, formatCount, formatInteger } from '../text/format.ts'

/** Formats the totals of a dataset for people: `12 files, 3.1 MB, 3 classes, 5,000 rows`. */
export function formatTotals({ files, bytes, classCount, rows }: DataTotals): string {
  return [
    formatCount(files, 'file'),
    formatBytes(bytes),
    ...(classCount > 0 ? [formatClasses(classCount)] : []),
    ...(rows == null ? [] : [formatCount(rows, 'row')]),
  ].join(', ')
}

/** Formats a number of classes: `1 class`, `3 classes`. */
export function formatClasses(count: number): string {
  return count === 1 ? '1 class' : `${formatInteger(count)} classes`
}
