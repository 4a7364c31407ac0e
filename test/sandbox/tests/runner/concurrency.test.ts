import { expect, test } from '@jest/globals'
import { createConcurrencyGroups, type Place } from '../../runner/workflow/concurrency.ts'

const signal = new AbortController().signal

/** Enters the group `g` and records what happens to the one that enters. */
function entering(queue: 'single' | 'max') {
  const groups = createConcurrencyGroups()
  return (name: string, events: string[]) =>
    groups
      .enter({
        group: 'g',
        cancelInProgress: false,
        queue,
        given: signal,
        cancel: () => events.push(`${name} is cancelled while it runs`),
        onPending: () => events.push(`${name} waits`),
      })
      .then((place) => {
        events.push(`${name} ${place === undefined ? 'is cancelled' : 'runs'}`)
        return place
      })
}

test('A queue holds 100, and cancels those that come after them.', async () => {
  const enter = entering('max')
  const events: string[] = []
  const first = await enter('first', events)
  const waiting = Array.from({ length: 100 }, (_, index) => enter(`${index + 1}`, []))
  expect(await enter('101', events)).toBeUndefined()
  expect(events).toEqual(['first runs', '101 is cancelled'])

  let place: Place | undefined = first
  for (const next of waiting) {
    place?.leave()
    place = await next
    expect(place).toBeDefined()
  }
})

test('A single queue holds one, and a newer one cancels it.', async () => {
  const enter = entering('single')
  const events: string[] = []
  await enter('first', events)
  const second = enter('second', events)
  void enter('third', events)
  expect(await second).toBeUndefined()
  expect(events).toEqual(['first runs', 'second waits', 'third waits', 'second is cancelled'])
})
