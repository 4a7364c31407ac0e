import { expect, test } from '@jest/globals'
import { systemClock } from '../../src/http/clock.ts'
import { limitTime } from '../../src/http/time-limit.ts'

test('The system clock returns the time in milliseconds.', () => {
  const before = Date.now()
  const now = systemClock.now()
  expect(now).toBeGreaterThanOrEqual(before)
  expect(now).toBeLessThanOrEqual(Date.now())
})

test('A sleep of 0 ms ends.', async () => {
  await expect(systemClock.sleep(0)).resolves.toBeUndefined()
})

test("A sleep rejects with its signal's reason as soon as the signal is aborted.", async () => {
  const controller = new AbortController()
  const reason = new Error('cancelled')
  const sleep = systemClock.sleep(3_600_000, controller.signal)
  controller.abort(reason)
  await expect(sleep).rejects.toBe(reason)
})

test('A sleep with an aborted signal rejects at once.', async () => {
  const reason = new Error('cancelled')
  await expect(systemClock.sleep(3_600_000, AbortSignal.abort(reason))).rejects.toBe(reason)
})

test('A time limit aborts with a TimeoutError.', async () => {
  const { signal } = limitTime({ limitMs: 0, clock: systemClock })
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
})

test('A timer calls its function once, and never after it was cancelled.', async () => {
  const called: string[] = []
  systemClock.timer(0, () => called.push('cancelled'))()
  await new Promise<void>((resolve) => {
    systemClock.timer(1, () => {
      called.push('in time')
      resolve()
    })
  })
  expect(called).toEqual(['in time'])
})
