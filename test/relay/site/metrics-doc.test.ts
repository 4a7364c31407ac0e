import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { codeBlocks } from '../../../scripts/markdown-blocks.ts'
import { renderMetrics } from '../../../src/relay/site/metrics.ts'
import { createRecentDeliveries } from '../../../src/relay/site/recent-deliveries.ts'

const page = readFileSync('docs/relay.md', 'utf8')
const metrics = renderMetrics({
  counts: createRecentDeliveries().counts(),
  lastDispatches: [],
  reconcile: { at: 0, routes: 1, failed: 0, dispatched: 0, unseenMs: 0 },
})
const known = Array.from(metrics.matchAll(/^# TYPE (\w+) /gm), ([, name]) => name)

const example = codeBlocks(page).find(({ text }) => text.startsWith('groups:'))
const rules: { alert: string; expr: string; for?: string }[] = parse(example?.text ?? '').groups[0].rules

describe('The metrics in docs/relay.md', () => {
  test('They are those of /metrics, in their order.', () => {
    const rows = Array.from(page.matchAll(/^\| `(auto_retrain_\w+)(?:\{\w+\})?` /gm), ([, name]) => name)
    expect(rows).toEqual(known)
  })

  test('The example of alerts is valid YAML, and asks for metrics that exist.', () => {
    const asked = rules.flatMap(({ expr }) => expr.match(/auto_retrain_\w+/g) ?? [])
    expect(rules.map(({ alert }) => alert)).toContain('CommitNotTakenUp')
    expect(asked.filter((name) => !known.includes(name))).toEqual([])
  })

  test('The alert on a reconciler that stopped fires too when the relay is down and has no metrics.', () => {
    const stopped = rules.find(({ alert }) => alert === 'ReconcileStopped')
    expect(stopped?.expr).toContain('or absent(auto_retrain_reconcile_timestamp_seconds)')
    expect(rules.filter((rule) => rule.for === undefined)).toEqual([])
  })
})
