import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createLogPosition, type NewLine, type SentLine } from '../../../src/hub/jobs/log-position.ts'

/** What a connection sends of the lines that are there when it begins: all, or the first one or not and the last ones. */
type Replay = 'all' | { readonly start: boolean; readonly last: number }

/** A connection that begins after so many further lines, and is cut when it has sent so many. */
interface Connection {
  readonly later: number
  readonly replay: Replay
  readonly sends: number
}

function replayOf(lines: readonly SentLine[], replay: Replay): readonly SentLine[] {
  if (replay === 'all') return lines
  const first = replay.start ? 1 : 0
  return [...lines.slice(0, first), ...lines.slice(Math.max(first, lines.length - replay.last))]
}

/** Reads a log over some connections and a last one that is not cut. */
function readAll(log: readonly SentLine[], connections: readonly Connection[], last: Replay): NewLine[] {
  const position = createLogPosition()
  const found: NewLine[] = []
  const readOnce = (sent: readonly SentLine[]) => {
    position.connect()
    for (const line of sent) found.push(...position.take(line))
    found.push(...position.disconnect())
  }
  let there = 0
  for (const { later, replay, sends } of connections) {
    there = Math.min(log.length, there + later)
    const replayed = replayOf(log.slice(0, there), replay)
    const sent = [...replayed, ...log.slice(there)].slice(0, sends)
    there = Math.max(there, there + sent.length - replayed.length)
    readOnce(sent)
  }
  readOnce(replayOf(log, last))
  return found
}

const textsOf = (lines: readonly { text: string }[]) => lines.map(({ text }) => text)
const log = (...texts: string[]): SentLine[] =>
  texts.map((text, index) => ({ text, timeMs: 1000 * (index + 1) }))
const withoutTimes = (lines: readonly SentLine[]): SentLine[] =>
  lines.map(({ text }) => ({ text, timeMs: null }))

const replay = fc.oneof(
  fc.constant<Replay>('all'),
  fc.record({ start: fc.boolean(), last: fc.nat(12) }) as fc.Arbitrary<Replay>,
)
const connectionsWith = (replays: fc.Arbitrary<Replay>): fc.Arbitrary<Connection[]> =>
  fc.array(fc.record({ later: fc.nat(20), replay: replays, sends: fc.nat(40) }), { maxLength: 6 })

/** The first one sends all; the others at least what was printed since the one before, which may be cut as it begins. */
const connectionsWithoutGaps = fc
  .array(fc.record({ later: fc.nat(20), start: fc.boolean(), more: fc.nat(5), sends: fc.nat(40) }), {
    maxLength: 6,
  })
  .map((connections) => {
    let unread = 0
    return connections.map(({ later, start, more, sends }, index): Connection => {
      unread += later
      const last = unread + more
      const isWhole = sends >= last + 1
      if (isWhole) unread = 0
      return { later, replay: index === 0 ? 'all' : { start, last }, sends }
    })
  })

/** Few texts, so that lines repeat. */
const repetitive = fc.array(fc.constantFrom('.', '10%', 'Saving', 'step'), { minLength: 1, maxLength: 60 })

/** How a Hub may give times to the lines of a log. */
const timings: Readonly<Record<string, (index: number) => number | null>> = {
  'a time of its own for each line': (index) => 1000 + index,
  'one time for the lines of a second': (index) => 1000 * Math.floor(index / 7),
  'the same time for all lines': () => 1000,
  'no times': () => null,
  'times for some lines only': (index) => (index % 3 === 0 ? null : 1000 + index),
  'a clock that goes back at a restart': (index) => 1000 + index - (index >= 25 ? 500 : 0),
}

describe('Each line is new exactly once', () => {
  test.each(Object.entries(timings))(
    'when every connection sends the whole log again, with %s.',
    (_title, timeOf) => {
      const property = fc.property(repetitive, connectionsWith(fc.constant('all')), (texts, connections) => {
        const lines = texts.map((text, index) => ({ text, timeMs: timeOf(index) }))
        const found = readAll(lines, connections, 'all')
        expect(textsOf(found)).toEqual(texts)
        expect(found.some(({ isLate }) => isLate)).toBe(false)
      })
      fc.assert(property, { numRuns: 500 })
    },
  )

  test('when connections send any part of the log again, and lines repeat, with a time of its own for each line.', () => {
    const property = fc.property(repetitive, connectionsWith(replay), (texts, connections) => {
      const lines = texts.map((text, index) => ({ text, timeMs: 1000 + index }))
      expect(textsOf(readAll(lines, connections, 'all')).toSorted()).toEqual(texts.toSorted())
    })
    fc.assert(property, { numRuns: 2000 })
  })

  test.each(Object.entries(timings))(
    'when no connection leaves out a line, and no line repeats, with %s.',
    (_title, timeOf) => {
      const property = fc.property(fc.nat(60), connectionsWithoutGaps, (length, connections) => {
        const lines = Array.from({ length }, (_, index) => ({ text: `step ${index}`, timeMs: timeOf(index) }))
        expect(textsOf(readAll(lines, connections, 'all'))).toEqual(textsOf(lines))
      })
      fc.assert(property, { numRuns: 2000 })
    },
  )
})

test('No text is lost, whatever connections send again and whatever repeats, with or without times.', () => {
  const property = fc.property(
    repetitive,
    connectionsWith(replay),
    fc.constantFrom(...Object.values(timings)),
    (texts, connections, timeOf) => {
      const lines = texts.map((text, index) => ({ text: `${text} ${index % 9}`, timeMs: timeOf(index) }))
      const found = new Set(textsOf(readAll(lines, connections, 'all')))
      expect(found).toEqual(new Set(textsOf(lines)))
    },
  )
  fc.assert(property, { numRuns: 2000 })
})

describe('After a connection that sends the start line and the last three lines', () => {
  const before = ['Job started', 'a', 'b', 'c', 'd', 'e']
  const connections: Connection[] = [{ later: 6, replay: 'all', sends: 6 }]

  test.each([
    ['with times', (lines: SentLine[]) => lines],
    ['without times', withoutTimes],
  ])('the lines behind them are new, %s.', (_title, timed) => {
    const position = createLogPosition()
    position.connect()
    for (const line of timed(log(...before))) position.take(line)
    position.disconnect()
    position.connect()
    const all = timed(log(...before, 'f', 'g'))
    const sent = [...all.slice(0, 1), ...all.slice(3)]
    expect(sent.flatMap((line) => textsOf(position.take(line)))).toEqual(['f', 'g'])
  })

  test('nothing is new when nothing was printed.', () => {
    const lines = withoutTimes(log(...before))
    expect(textsOf(readAll(lines, connections, { start: true, last: 3 }))).toEqual(before)
  })
})

test('A line that an earlier connection left out comes late, and is marked so.', () => {
  const lines = log('Job started', 'a', 'b', 'c', 'd')
  const connections: Connection[] = [
    { later: 1, replay: 'all', sends: 1 },
    // "a" and "b" were printed in between.
    { later: 3, replay: { start: false, last: 1 }, sends: 1 },
  ]
  expect(readAll(lines, connections, 'all')).toEqual([
    { text: 'Job started', isLate: false },
    { text: 'c', isLate: false },
    { text: 'a', isLate: true },
    { text: 'b', isLate: true },
    { text: 'd', isLate: false },
  ])
})

test('A line that was read before those that were left out comes once, also where a restart set the clock back.', () => {
  const lines: SentLine[] = [...log('Job started', 'a', 'b'), { text: 'after the restart', timeMs: 1500 }]
  const connections: Connection[] = [
    { later: 1, replay: 'all', sends: 2 },
    { later: 2, replay: { start: false, last: 1 }, sends: 1 },
  ]
  expect(textsOf(readAll(lines, connections, 'all'))).toEqual(['Job started', 'a', 'after the restart', 'b'])
})

test('A line that repeats the last one without a time is new where the order of lines shows it.', () => {
  const position = createLogPosition()
  position.connect()
  for (const line of withoutTimes(log('Job started', 'x', '.', 'y', '.'))) position.take(line)
  position.disconnect()
  position.connect()
  // The last line, then two new ones that were printed before as well.
  const sent = withoutTimes(log('.', 'x', 'end'))
  expect(sent.flatMap((line) => textsOf(position.take(line)))).toEqual(['x', 'end'])
})

describe('A log of 200,000 lines', () => {
  const length = 200_000
  const lineAt = (index: number, timed: boolean): SentLine => ({
    text: `step ${index % 1000}`,
    timeMs: timed ? 1000 + index : null,
  })

  test.each([
    ['with times', true],
    ['without times', false],
  ])(
    'is not delivered again when the Hub sends it again, %s, and the lines behind it are new.',
    (_title, timed) => {
      const position = createLogPosition()
      position.connect()
      for (let index = 0; index < length; index += 1) position.take(lineAt(index, timed))
      position.disconnect()
      position.connect()
      const again: NewLine[] = []
      for (let index = 0; index < length; index += 1) again.push(...position.take(lineAt(index, timed)))
      again.push(...position.take({ text: 'the end', timeMs: timed ? length + 2000 : null }))
      again.push(...position.disconnect())
      expect(textsOf(again)).toEqual(['the end'])
    },
  )

  test('is taken up in linear time when no line has a time and all are the same.', () => {
    const position = createLogPosition()
    const same = { text: '.', timeMs: null }
    for (const times of [60_000, 60_000]) {
      position.connect()
      for (let count = 0; count < times; count += 1) position.take(same)
      position.disconnect()
    }
    position.connect()
    expect(textsOf([...position.take(same), ...position.take({ text: 'end', timeMs: null })])).toEqual([
      'end',
    ])
  })
})
