import type { StepRecord } from '../../domain/outcome.ts'
import { formatDuration } from '../../domain/text/format.ts'
import { code, details, plain, table } from '../markdown/markdown.ts'

const maxSteps = 200

/** In characters: a phone shows the title, the duration and the bar side by side. */
const barWidth = 12

/**
 * Lists the steps of a run with the part of the time that each took, folded. The bars are text: Mermaid measures its
 * diagrams, and cannot in a section that is closed.
 * https://github.com/mermaid-js/mermaid/issues/3504
 *
 * @returns Markdown; empty without steps
 */
export function timeline(steps: readonly StepRecord[]): string {
  if (steps.length === 0) return ''
  const begin = Math.min(...steps.map(({ startedAt }) => startedAt))
  const end = Math.max(...steps.map(({ startedAt, durationMs }) => startedAt + durationMs))
  const rows = steps.slice(0, maxSteps).map((step) => {
    const { title, durationMs, ok } = step
    return [
      `${ok ? '✅' : '❌'} ${plain(title, 200)}`,
      formatDuration(durationMs),
      code(bar(step, { begin, end })),
    ]
  })
  const took = Number.isFinite(end - begin) ? ` (${formatDuration(end - begin)})` : ''
  return details(`Timeline${took}`, table(['Step', 'Took', 'When'], rows))
}

/** A step without a visible length still has a mark at its place. */
function bar({ startedAt, durationMs }: StepRecord, { begin, end }: { begin: number; end: number }): string {
  const scale = end > begin && Number.isFinite(end - begin) ? barWidth / (end - begin) : 0
  const from = Math.min(Math.floor((startedAt - begin) * scale), barWidth - 1)
  const length = Math.max(1, Math.min(Math.round(durationMs * scale), barWidth - from))
  return `${'░'.repeat(from)}${'█'.repeat(length)}${'░'.repeat(barWidth - from - length)}`
}
