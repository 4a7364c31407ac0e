import { formatDuration } from '../../domain/format.ts'
import type { StepRecord } from '../../domain/outcome.ts'
import { decimal, diagram, diagramText } from '../charts/mermaid.ts'
import { plain, table } from '../markdown/markdown.ts'

const maxSteps = 40

/** The axis has about ten ticks: a shorter run has several in one minute, which need seconds to differ. */
const showSecondsBelowMs = 12 * 60_000

/**
 * Draws the steps of a run as bars over the time of day, in the reader's time zone.
 * https://mermaid.js.org/syntax/gantt.html
 *
 * @returns a Mermaid diagram; null when there are fewer than two steps, or they took no time
 */
export function timeline(steps: readonly StepRecord[]): string | null {
  const shown = steps.slice(0, maxSteps)
  const begin = Math.min(...shown.map(({ startedAt }) => startedAt))
  const end = Math.max(...shown.map(({ startedAt, durationMs }) => startedAt + durationMs))
  if (shown.length < 2 || !Number.isFinite(begin) || !Number.isFinite(end) || end <= begin) return null
  // A bar without width is invisible, and Mermaid rejects an end before the start.
  const minWidthMs = (end - begin) / 200
  return diagram([
    'gantt',
    '  dateFormat x',
    `  axisFormat ${end - begin < showSecondsBelowMs ? '%H:%M:%S' : '%H:%M'}`,
    // By default a short run gets several ticks per second, all with the same label.
    ...(end - begin < 10_000 ? ['  tickInterval 1second'] : []),
    '  todayMarker off',
    ...shown.map(({ title, startedAt, durationMs, ok }) => {
      const from = decimal(startedAt, 0)
      const to = decimal(startedAt + Math.max(durationMs, minWidthMs, 1), 0)
      // The mark in front keeps Mermaid from reading a title as a keyword.
      return `  ${ok ? '✓' : '✗'} ${diagramText(title)} - ${formatDuration(durationMs)} :${ok ? '' : 'crit, '}${from}, ${to}`
    }),
  ])
}

/** Lists the steps of a run as a Markdown table. */
export function stepTable(steps: readonly StepRecord[]): string {
  const rows = steps
    .slice(0, maxSteps * 5)
    .map(({ title, durationMs, ok }) => [ok ? '✅' : '❌', plain(title, 200), formatDuration(durationMs)])
  return table(['', 'Step', 'Took'], rows)
}
