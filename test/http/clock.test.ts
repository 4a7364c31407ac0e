import { expect, test } from '@jest/globals'
import { systemClock } from '../../src/http/clock.ts'
import { limitTime } from '../../src/http/time-limit.ts'

test('The clock of this machine tells the time in milliseconds.', () => {
  const before = Date.now()
  const now = systemClock.now()
  expect(now).toBeGreaterThanOrEqual(before)
  expect(now).toBeLessThanOrEqual(Date.now())
})

test('A sleep of no time ends.', async () => {
  await expect(systemClock.sleep(0)).resolves.toBeUndefined()
})

test('A sleep ends with the reason of its signal as soon as that is aborted.', async () => {
  const controller = new AbortController()
  const reason = new Error('cancelled')
  const sleep = systemClock.sleep(3_600_000, controller.signal)
  controller.abort(reason)
  await expect(sleep).rejects.toBe(reason)
})

test('A signal that was aborted before lets nobody sleep.', async () => {
  const reason = new Error('cancelled')
  await expect(systemClock.sleep(3_600_000, AbortSignal.abort(reason))).rejects.toBe(reason)
})

test('A time limit aborts with a TimeoutError.', async () => {
  const { signal } = limitTime({ limitMs: 0, clock: systemClock })
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
})

test('A timer calls once its time has come, and never when it was cancelled.', async () => {
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
