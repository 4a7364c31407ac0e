import { describe, expect, test } from '@jest/globals'
import { systemClock } from '../../../src/http/clock.ts'
import { waitToSettle } from '../../../src/run/check/settle.ts'
import type { Log } from '../../../src/run/log/log.ts'
import { createFakeClock } from '../../http/fake-clock.ts'

function collect() {
  const lines: string[] = []
  const take = (line: string) => void lines.push(line)
  const log: Log = { info: take, debug: take, notice: take, warning: take, group: (_, work) => work() }
  return { lines, log }
}

const { signal } = new AbortController()

describe('Waiting for a dataset to settle', () => {
  test('It takes the given time, and logs the remaining time every half minute.', async () => {
    const clock = createFakeClock()
    const { lines, log } = collect()
    const start = clock.now()
    await waitToSettle({ durationMs: 75_000, clock, log, signal })
    expect(clock.now() - start).toBe(75_000)
    expect(clock.sleeps).toEqual([30_000, 30_000, 15_000])
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/^Waiting for the dataset to settle: 1 min 15 s left$/)
  })

  test('It returns at once for a time of 0.', async () => {
    const clock = createFakeClock()
    const { lines, log } = collect()
    await waitToSettle({ durationMs: 0, clock, log, signal })
    expect([clock.sleeps, lines]).toEqual([[], []])
  })

  test('It ends at once when the workflow is cancelled.', async () => {
    const { log } = collect()
    const cancelled = new AbortController()
    const waiting = waitToSettle({ durationMs: 3_600_000, clock: systemClock, log, signal: cancelled.signal })
    cancelled.abort(new Error('The workflow was cancelled.'))
    await expect(waiting).rejects.toThrow('The workflow was cancelled.')
  })
})
