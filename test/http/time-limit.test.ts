import { expect, test } from '@jest/globals'
import { limitTime } from '../../src/http/time-limit.ts'
import { createFakeClock } from './fake-clock.ts'

test('A time limit aborts with a TimeoutError that contains the limit.', () => {
  const clock = createFakeClock()
  const { signal } = limitTime({ limitMs: 4000, clock })
  clock.advance(3999)
  expect(signal.aborted).toBe(false)
  clock.advance(1)
  expect(signal.reason).toMatchObject({ name: 'TimeoutError', message: 'It took longer than 4000 ms.' })
})

test('A cleared time limit aborts nothing and leaves no timer and no listener.', () => {
  const clock = createFakeClock()
  const caller = new AbortController()
  const limit = limitTime({ limitMs: 4000, clock, caller: caller.signal })
  expect(clock.timers()).toBe(1)
  limit.clear()
  expect(clock.timers()).toBe(0)
  caller.abort()
  expect(limit.signal.aborted).toBe(false)
})

test("A time limit passes on the caller's reason, also if the caller aborted earlier.", () => {
  const clock = createFakeClock()
  const reason = new Error('cancelled')
  const caller = new AbortController()
  const before = limitTime({ limitMs: 4000, clock, caller: AbortSignal.abort(reason) })
  const meanwhile = limitTime({ limitMs: 4000, clock, caller: caller.signal })
  caller.abort(reason)
  expect(before.signal.reason).toBe(reason)
  expect(meanwhile.signal.reason).toBe(reason)
})
