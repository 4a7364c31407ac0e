import { expect, test } from '@jest/globals'
import { parseDuration } from '../../src/recipe/duration.ts'

test.each([
  ['0s', 0],
  ['1s', 1000],
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
  ['007s', 7000],
  ['999999d', 86_399_913_600_000],
])('%s is %d milliseconds.', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each([
  '',
  '0',
  '5',
  's',
  '5 s',
  ' 5s',
  '5s ',
  '5s\n',
  '-5s',
  '+5s',
  '1.5h',
  '1e3s',
  '5S',
  '5ms',
  '5w',
  '1h30m',
  '٣s',
  '1000000s',
  '0x5s',
])('%j is not a duration.', (text) => {
  expect(parseDuration(text)).toBeNull()
})
