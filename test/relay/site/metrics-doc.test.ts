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

describe('The metrics in docs/relay.md', () => {
  test('They are those of /metrics, in their order.', () => {
    const rows = Array.from(page.matchAll(/^\| `(auto_retrain_\w+)(?:\{\w+\})?` /gm), ([, name]) => name)
    expect(rows).toEqual(known)
  })

  test('The example of alerts is valid YAML, and asks for metrics that exist.', () => {
    const example = codeBlocks(page).find(({ text }) => text.startsWith('groups:'))
    const { groups } = parse(example?.text ?? '')
    const rules: { alert: string; expr: string }[] = groups[0].rules
    const asked = rules.flatMap(({ expr }) => expr.match(/auto_retrain_\w+/g) ?? [])
    expect(rules.map(({ alert }) => alert)).toContain('CommitNotTakenUp')
    expect(asked.filter((name) => !known.includes(name))).toEqual([])
  })
})
