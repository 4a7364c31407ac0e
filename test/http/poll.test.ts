import { expect, test } from '@jest/globals'
import { pollUntil } from '../../src/http/poll.ts'
import { createFakeClock } from './fake-clock.ts'

/** Answers with each of the values in turn, then with null, and notes when it was called. */
function createCheck(clock: { now(): number }, values: readonly (string | null)[] = []) {
  const start = clock.now()
  const calledAtMs: number[] = []
  const check = async () => {
    calledAtMs.push(clock.now() - start)
    return values[calledAtMs.length - 1] ?? null
  }
  return { check, calledAtMs }
}

test('Polling returns the first value without a pause.', async () => {
  const clock = createFakeClock()
  const { check } = createCheck(clock, ['ready'])
  await expect(pollUntil({ everyMs: 1000, giveUpAfterMs: 5000, clock, check })).resolves.toBe('ready')
  expect(clock.sleeps).toEqual([])
})

test('Polling checks again after each pause until there is a value.', async () => {
  const clock = createFakeClock()
  const { check, calledAtMs } = createCheck(clock, [null, null, 'ready', 'never read'])
  await expect(pollUntil({ everyMs: 1000, giveUpAfterMs: 5000, clock, check })).resolves.toBe('ready')
  expect(calledAtMs).toEqual([0, 1000, 2000])
})

test('Polling returns values that are falsy but not null.', async () => {
  const clock = createFakeClock()
  const options = { everyMs: 1000, giveUpAfterMs: 5000, clock }
  await expect(pollUntil({ ...options, check: async () => false })).resolves.toBe(false)
  await expect(pollUntil({ ...options, check: async () => undefined })).resolves.toBeUndefined()
})

test('Polling gives up with null after a last check at the deadline, and does not sleep after it.', async () => {
  const clock = createFakeClock()
  const { check, calledAtMs } = createCheck(clock)
  await expect(pollUntil({ everyMs: 1000, giveUpAfterMs: 2500, clock, check })).resolves.toBeNull()
  expect(calledAtMs).toEqual([0, 1000, 2000, 2500])
  expect(clock.sleeps).toEqual([1000, 1000, 500])
})

test('Polling returns a value that the last check finds.', async () => {
  const clock = createFakeClock()
  const { check } = createCheck(clock, [null, 'just in time'])
  await expect(pollUntil({ everyMs: 9000, giveUpAfterMs: 2500, clock, check })).resolves.toBe('just in time')
})

test('Polling checks once when it may not wait at all.', async () => {
  const clock = createFakeClock()
  const { check, calledAtMs } = createCheck(clock)
  await expect(pollUntil({ everyMs: 1000, giveUpAfterMs: 0, clock, check })).resolves.toBeNull()
  expect(calledAtMs).toEqual([0])
  expect(clock.sleeps).toEqual([])
})

test('A check that lasts past the deadline is followed by exactly one more.', async () => {
  const clock = createFakeClock()
  let checks = 0
  const check = async () => {
    checks += 1
    clock.advance(4000)
    return null
  }
  await expect(pollUntil({ everyMs: 1000, giveUpAfterMs: 3000, clock, check })).resolves.toBeNull()
  expect(checks).toBe(2)
  expect(clock.sleeps).toEqual([0])
})

test('Polling with an aborted signal throws its reason and checks nothing.', async () => {
  const clock = createFakeClock()
  const { check, calledAtMs } = createCheck(clock)
  const reason = new Error('cancelled')
  const signal = AbortSignal.abort(reason)
  await expect(pollUntil({ everyMs: 1000, giveUpAfterMs: 5000, clock, signal, check })).rejects.toBe(reason)
  expect(calledAtMs).toEqual([])
})

test('Polling throws the reason of a signal that is aborted between two checks.', async () => {
  const clock = createFakeClock()
  const controller = new AbortController()
  const reason = new Error('cancelled')
  const check = async () => {
    controller.abort(reason)
    return null
  }
  const { signal } = controller
  await expect(pollUntil({ everyMs: 1000, giveUpAfterMs: 5000, clock, signal, check })).rejects.toBe(reason)
})

test('Polling whose signal is aborted during the last check throws its reason instead of null.', async () => {
  const clock = createFakeClock()
  const controller = new AbortController()
  const reason = new Error('cancelled')
  const check = async () => {
    controller.abort(reason)
    return null
  }
  const { signal } = controller
  await expect(pollUntil({ everyMs: 1000, giveUpAfterMs: 0, clock, signal, check })).rejects.toBe(reason)
})

test('Polling passes on what the check throws.', async () => {
  const clock = createFakeClock()
  const failure = new Error('broken')
  const check = async () => {
    throw failure
  }
  await expect(pollUntil({ everyMs: 1000, giveUpAfterMs: 5000, clock, check })).rejects.toBe(failure)
})
