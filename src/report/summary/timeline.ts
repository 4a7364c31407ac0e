import { formatDuration } from '../../domain/format.ts'
import type { StepRecord } from '../../domain/outcome.ts'
import { decimal, diagram, words } from '../charts/mermaid.ts'
import { plain, table } from '../markdown/markdown.ts'

const maxSteps = 40

/** Below this many milliseconds the axis has more than one mark in a minute: it has about ten. */
const secondsMatter = 12 * 60_000

/**
 * The steps of a run as bars over the time of day, as the reader's clock has it.
 * https://mermaid.js.org/syntax/gantt.html
 *
 * @returns null where one bar would say nothing
 */
export function timeline(steps: readonly StepRecord[]): string | null {
  const shown = steps.slice(0, maxSteps)
  const begin = Math.min(...shown.map(({ startedAt }) => startedAt))
  const end = Math.max(...shown.map(({ startedAt, durationMs }) => startedAt + durationMs))
  if (shown.length < 2 || !Number.isFinite(begin) || !Number.isFinite(end) || end <= begin) return null
  // A bar of no width cannot be seen, and Mermaid refuses an end before its beginning.
  const least = (end - begin) / 200
  return diagram([
    'gantt',
    '  dateFormat x',
    `  axisFormat ${end - begin < secondsMatter ? '%H:%M:%S' : '%H:%M'}`,
    // Left alone, the axis of a short run has several marks in a second, all with the same words.
    ...(end - begin < 10_000 ? ['  tickInterval 1second'] : []),
    '  todayMarker off',
    ...shown.map(({ title, startedAt, durationMs, ok }) => {
      const from = decimal(startedAt, 0)
      const to = decimal(startedAt + Math.max(durationMs, least, 1), 0)
      // The sign in front keeps a title from being read as a keyword.
      return `  ${ok ? '✓' : '✗'} ${words(title)} - ${formatDuration(durationMs)} :${ok ? '' : 'crit, '}${from}, ${to}`
    }),
  ])
}

/** The same as a table. */
export function stepTable(steps: readonly StepRecord[]): string {
  const rows = steps
    .slice(0, maxSteps * 5)
    .map(({ title, durationMs, ok }) => [ok ? '✅' : '❌', plain(title, 200), formatDuration(durationMs)])
  return table(['', 'Step', 'Took'], rows)
}
