import { describe, expect, test } from '@jest/globals'
import { systemClock } from '../../src/http/clock.ts'
import type { Log } from '../../src/run/log/log.ts'
import { waitToSettle } from '../../src/run/settle.ts'
import { createFakeClock } from '../http/fake-clock.ts'

function collect() {
  const lines: string[] = []
  const take = (line: string) => void lines.push(line)
  const log: Log = { info: take, debug: take, notice: take, warning: take, group: (_, work) => work() }
  return { lines, log }
}

const { signal } = new AbortController()

describe('Waiting for a dataset to settle', () => {
  test('takes as long as it was told, and says every half minute how long it still takes.', async () => {
    const clock = createFakeClock()
    const { lines, log } = collect()
    const start = clock.now()
    await waitToSettle({ duration: 75_000, clock, log, signal })
    expect(clock.now() - start).toBe(75_000)
    expect(clock.sleeps).toEqual([30_000, 30_000, 15_000])
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/^Waiting for the dataset to settle: 1 min 15 s left$/)
  })

  test('takes no time when there is nothing to wait for.', async () => {
    const clock = createFakeClock()
    const { lines, log } = collect()
    await waitToSettle({ duration: 0, clock, log, signal })
    expect([clock.sleeps, lines]).toEqual([[], []])
  })

  test('stops at once when the workflow is cancelled.', async () => {
    const { log } = collect()
    const cancelled = new AbortController()
    const waiting = waitToSettle({ duration: 3_600_000, clock: systemClock, log, signal: cancelled.signal })
    cancelled.abort(new Error('The workflow was cancelled.'))
    await expect(waiting).rejects.toThrow('The workflow was cancelled.')
  })
})
