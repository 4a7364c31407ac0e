import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { StepRecord } from '../../../src/domain/outcome.ts'
import { timeline } from '../../../src/report/summary/timeline.ts'
import { hostileText } from '../markdown/hostile.ts'
import { liveParts, render, tagsOf } from '../markdown/render.ts'
import { noon } from '../outcomes.ts'

const step = (title: string, after: number, durationMs: number, ok = true): StepRecord => ({
  title,
  startedAt: noon + after,
  durationMs,
  ok,
})

test('The timeline is folded and shows when each step ran and how long it took', () => {
  const text = timeline([
    step('Check', 0, 2000),
    step('Train', 2000, 9000, false),
    step('Report', 11_000, 1000),
  ])
  expect(text.split('\n')).toEqual([
    '<details><summary>Timeline (12 s)</summary>',
    '',
    '| Step | Took | When |',
    '| :--- | :--- | :--- |',
    '| ✅ Check | 2.0 s | `██░░░░░░░░░░` |',
    '| ❌ Train | 9.0 s | `░░█████████░` |',
    '| ✅ Report | 1.0 s | `░░░░░░░░░░░█` |',
    '',
    '</details>',
  ])
})

test('The timeline never shows a duration of zero, nor a step without a mark', () => {
  const text = timeline([2, 94, 95, 700].map((durationMs) => step('Check', 0, durationMs)))
  expect(Array.from(text.matchAll(/Check \| (.*?) \| `(.)/g), ([, took, mark]) => [took, mark])).toEqual([
    ['2 ms', '█'],
    ['94 ms', '█'],
    ['0.1 s', '█'],
    ['0.7 s', '█'],
  ])
})

test('Without steps there is no timeline', () => {
  expect(timeline([])).toBe('')
})

test('The bars of a timeline have the same length for any steps, and hostile titles stay text', () => {
  const anyStep = fc.record({
    title: hostileText,
    startedAt: fc.integer({ min: noon, max: noon + 1e9 }),
    durationMs: fc.integer({ min: 0, max: 1e8 }),
    ok: fc.boolean(),
  })
  void fc.assert(
    fc.property(fc.array(anyStep, { minLength: 1, maxLength: 6 }), (steps) => {
      const text = timeline(steps)
      const bars = [...text.matchAll(/`([░█]+)` \|$/gm)]
      expect(bars.map(([, bar = '']) => bar.length)).toEqual(steps.map(() => 12))
      const html = render(text)
      expect(liveParts(html)).toEqual([])
      expect(new Set(tagsOf(html).map((tag) => tag.replace('/', '')))).toEqual(
        new Set(['details', 'summary', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'code']),
      )
    }),
    { numRuns: 150 },
  )
})
